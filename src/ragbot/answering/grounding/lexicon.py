"""Words that the rules know: negations, opposites, drugs and the arms of a study."""

from __future__ import annotations

import re


def _listed(text: str) -> list[str]:
    return text.split()


NEGATIONS = frozenset(
    _listed(
        "not no never neither nor none without cannot n't lack lacks lacked lacking absence "
        "absent fail fails failed failure unable hardly neither"
    )
)
# after a negation these say nothing of what is negated
LIGHT = frozenset(
    _listed(
        "also yet always necessarily usually yet only statistically significantly significant "
        "clearly necessarily yet generally often fully currently directly been being evidence any"
    )
)
OPPOSITES: tuple[tuple[str, str], ...] = (
    ("increase", "decrease"), ("increase", "reduce"), ("higher", "lower"), ("high", "low"),
    ("highest", "lowest"), ("greater", "smaller"), ("more", "less"), ("more", "fewer"),
    ("improve", "worsen"), ("promote", "inhibit"), ("promote", "suppress"),
    ("activate", "inhibit"), ("activate", "suppress"), ("activation", "suppression"),
    ("activation", "inhibition"), ("enhance", "impair"), ("enhance", "inhibit"),
    ("positive", "negative"), ("positively", "negatively"), ("upregulate", "downregulate"),
    ("upregulation", "downregulation"), ("gain", "loss"), ("effective", "ineffective"),
    ("safe", "unsafe"), ("longer", "shorter"), ("better", "worse"), ("benefit", "harm"),
    ("beneficial", "harmful"), ("dominant", "recessive"), ("sensitive", "resistant"),
    ("sensitivity", "resistance"), ("presence", "absence"), ("superior", "inferior"),
    ("likely", "unlikely"), ("stronger", "weaker"), ("elevate", "reduce"), ("raise", "lower"),
    ("reduction", "increase"), ("before", "after"), ("hypertension", "hypotension"),
    ("hyperglycemia", "hypoglycemia"), ("induce", "inhibit"), ("stimulate", "inhibit"),
    ("benign", "malignant"), ("common", "rare"), ("always", "never"),
)  # fmt: skip
DRUG_FORM = re.compile(
    r"^[a-z-]{3,}(?:mab|nibs?|prils?|sartans?|olols?|statins?|azoles?|mycins?|cillins?|n?avir|ciclovir|"
    r"cyclovir|parin|gliptins?|gliflozins?|glutide|tidine|prazoles?|setron|triptans?|azepam|azolam|"
    r"barbital|oxetine|traline|ipramine|triptyline|caine|phylline|dronate|platin|taxel|rubicin|"
    r"tecan|trexate|mustine|ciclib|parib|zomib|lisib|cycline|floxacin|oxacin|penem|sulfa|semide|"
    r"thiazide|dipine|fibrate|glitazone|formin|gatran|xaban|grel|teplase|steride|afil|terol|sone|"
    r"solone|onide|profen|oxicam|coxib|dopa|giline|peridol|apine|idone|epine|toin|bactam|cept|"
    r"leukin|leucel|tagene|relbine|blastine|cristine|clax|aspargase|poetin|grastim|tinib|tretinoin|imod|imus|abine|citabine|uracil|quine|vudine)$"
)
DRUGS = frozenset(
    _listed(
        "aspirin insulin metformin warfarin heparin methotrexate prednisone dexamethasone "
        "paracetamol acetaminophen ibuprofen morphine fentanyl codeine lithium digoxin amiodarone "
        "levothyroxine tamoxifen thalidomide lenalidomide vincristine cyclophosphamide ifosfamide "
        "asparaginase pegaspargase mercaptopurine thioguanine cytarabine hydroxyurea "
        "hydroxychloroquine chloroquine ivermectin remdesivir tocilizumab interferon colchicine "
        "azithromycin doxycycline vancomycin rifampicin isoniazid penicillamine allopurinol "
        "spironolactone furosemide adrenaline epinephrine noradrenaline dopamine ketamine "
        "propofol diazepam clozapine lorazepam melatonin estrogen progesterone testosterone "
        "glucagon cortisol albuterol salbutamol theophylline magnesium zinc iron folate ezetimibe "
        "clopidogrel nitroglycerin nicotine caffeine naloxone methadone buprenorphine ribavirin "
        "acyclovir zidovudine penicillin amoxicillin placebo"
    )
)
ARMS = frozenset(
    _listed(
        "placebo control controls chemotherapy surgery radiotherapy radiation sham intervention "
        "observation vaccinated unvaccinated treated untreated exposed unexposed cases smokers "
        "nonsmokers men women boys girls males females adults children infants mice rats humans"
    )
)


def is_drug(word: str) -> bool:
    """Whether a lower-case word is, or has the form of, a drug's name."""
    return word in DRUGS or DRUG_FORM.match(word) is not None
