"""Word lists that tell what a question is about from how it is asked."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ASPECTS = _words(
    """
    advantage advantages advice age aim amount answer approach aspect aspects benefit benefits best
    better bigger biggest case cases cause caused causes chance chances change changes clinical
    common complication complications consequence consequences cost costs cure cured date
    definition detail details developed diagnose diagnosed diagnosis disadvantages dosage dose doses
    early effect effective effects evidence example examples fact factor factors feature features
    frequency frequent function gene genes genetic goal good greatest guideline guidelines happen
    happened happens help hereditary history idea impact implications important incidence info
    information inherited kind kinds last late latest life likely limit long look main major many
    mean meaning means measure method methods name names necessary need needed needs number often
    old
    option options outcome outcomes outlook part parts passed people percentage person place point
    popular population possible prevalence prevent prevented prevention price problem problems
    process prognosis purpose rate rates reason reasons recommendation recommendations recommended
    related requirement requirements research result results risk risks role safe side sign signs
    significance significant size stage stages standard start started step steps studies study
    survival symptom symptoms test tests thing things time times treat treatable treated treating
    treatment treatments trial trials true type types use used uses usual way ways work works year
    years affected affect families family safer worse higher lower longer shorter stronger weaker
    cheaper greater smaller earlier later
    """
)
"""Words for what can be asked of any subject: they alone do not say what a question is about."""

ASKING = _words(
    """
    actually also another ask become been being call called come compare consider describe different
    difference differences discuss even explain feel few find gave get gets getting give given go
    goes going got great happening has have hello hi includes interesting involved just keep know
    known learn let's like list lot made make makes many mention more most much no not occur
    occurred occurs oh ok okay one ones only provide read really recommend run said say see seem
    show similar speak speaking still suggest sure take taken takes talk talking tell thank thanks
    began born contribute contributed create created die died dies ended exactly joined marry
    married
    meant moved perform performed play played plays won wrote
    think tried try understand want wanted went wonder wondering worry wow yes
    """
)
"""Words of asking and of conversation."""

POPULATIONS = _words(
    """
    adolescent adolescents adult adults aya babies baby boys child childhood children elderly female
    females geriatric girls infant infants kids male males men neonates newborns older paediatric
    pediatric pregnancy pregnant seniors teenagers toddlers women young younger
    """
)
"""Words for people by age or sex."""
