"""From files to documents: readers, chunking, the corpus folder."""
