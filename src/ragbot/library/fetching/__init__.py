"""Records and retraction notices of publications, from Crossref and PubMed; off by default."""
