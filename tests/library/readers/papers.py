# ruff: noqa: E501
"""Papers written for the tests: nothing in them is from a real publication."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Paper:
    """What a file of any format is made from, and is read back to."""

    key: str
    title: str
    authors: tuple[tuple[str, str], ...]  # (given, family)
    journal: str
    year: int
    volume: str
    issue: str
    pages: str
    doi: str
    pmid: str
    pmcid: str | None
    licence: str | None
    types: tuple[str, ...]
    abstract: tuple[tuple[str, str], ...]  # (label, text)
    sections: tuple[tuple[str, tuple[str, ...]], ...]
    table: tuple[tuple[str, ...], ...] = ()
    caption: str = ""
    sample_size: int | None = None
    retracted: bool = False
    group: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The authors as PubMed writes them."""
        made = []
        for given, family in self.authors:
            initials = "".join(w[0] for w in given.replace("-", " ").replace(".", " ").split())
            made.append(f"{family} {initials}")
        return (*made, *([self.group] if self.group else []))

    @property
    def passages(self) -> list[str]:
        """Every paragraph of the body."""
        return [text for _, texts in self.sections for text in texts]


PAPERS = (
    Paper(
        "asparaginase", "Asparaginase activity at trough in adults: a test of silent inactivation",
        (("Karl Heinz", "Müller"), ("Ana María", "García-López"), ("Pádraig", "O'Neil")),
        "Journal of Reader Tests", 2019, "12", "3", "101-109", "10.1000/jrt.2019.0101", "90000001",
        "PMC9000001", "CC BY 4.0", ("Journal Article", "Randomized Controlled Trial"),
        (
            ("BACKGROUND", "Silent inactivation of asparaginase is not seen at the bedside."),
            ("METHODS", "We randomly assigned 214 adults to two schedules (1:1). Trough activity was "
             "measured on days 7 and 14."),
            ("RESULTS", "Activity was 0.1 IU/mL or more in 88% vs 71% (p<0.001). White cells above "
             "50 × 10^9/L did not matter."),
            ("CONCLUSION", "Measuring activity finds silent inactivation."),
        ),
        (
            ("Introduction", (
                "Asparaginase is given to most adults with acute lymphoblastic leukaemia, and its "
                "activity falls without a sign in some of them. The low-risk group is not spared, "
                "and the question of how often this happens has stayed open for a long time.",
                "We therefore set out to measure activity after every dose, in a well-defined "
                "population, with one assay in one laboratory.",
            )),
            ("Methods", (
                "Adults aged 18 to 65 years were eligible if their white cells were below "
                "100 × 10^9/L and their bilirubin was at most 3 times the upper limit of normal.",
                "The dose was 2000 IU/m^2 on day 4 of induction, and activity was measured with a "
                "chromogenic assay on day 7 and on day 14 after each dose.",
            )),
            ("Results", (
                "Between 2012 and 2016, 214 adults were included. Trough activity of at least "
                "0.1 IU/mL was reached by 88% of those in the first arm and by 71% in the second.",
                "Residual disease below 10^-4 was found in 61% (95% CI 52-69) of those with activity, "
                "and in 43% (95% CI 34-52) of those without it.",
            )),
            ("Discussion", (
                "Activity that is measured can be acted on. Whether a change of preparation improves "
                "event-free survival was not tested here, and remains uncertain.",
            )),
        ),
        (("Arm", "Adults", "Activity ≥0.1 IU/mL", "p value"), ("A", "107", "88%", "<0.001"), ("B", "107", "71%", "")),
        "Activity at trough by arm.", 214,
    ),
    Paper(
        "registry", "Second transplantation after relapse – a registry written for tests",
        (("Jan", "van der Berg"), ("Łukasz", "Żuraw"), ("Chloé", "Lefèvre"), ("Xiao-Ming", "Li")),
        "Annals of Made-Up Registries", 2021, "7", "11", "1201-14", "10.1000/amr.7.1201", "90000002",
        None, "CC BY-NC-ND 4.0", ("Journal Article", "Multicenter Study", "Observational Study"),
        (("", "The registry held 312 patients. Two-year survival after a second transplantation was "
          "31% (95% CI 25–37). Toxicity was the main cause of death."),),
        (
            ("Patients and methods", (
                "All consecutive patients of 23 centres who relapsed after a first transplantation "
                "were included, whatever their age and whatever treatment they had been given.",
                "Survival was estimated by the Kaplan-Meier method; p values are two-sided and were "
                "not adjusted for multiple testing.",
            )),
            ("Findings", (
                "The median time from the first transplantation to relapse was 8.4 months (IQR "
                "4.1–15.2), and relapse within 6 months went with the worst outlook.",
                "Graft-versus-host disease of grade 3 or 4 occurred in 19% of the patients, and "
                "one in four of them died of it within 100 days.",
                "Two-year overall survival was 31% after a matched donor and 28% after a "
                "haploidentical donor; the difference was not significant (HR 1.08, 95% CI 0.81–1.44).",
            )),
            ("Limitations", (
                "Only patients who reached a second transplantation are in the registry, which "
                "favours those who relapsed late and responded to salvage treatment.",
            )),
        ),
        (("Donor", "Patients", "2-year OS"), ("Matched", "180", "31%"), ("Haploidentical", "132", "28%")),
        "Survival by donor.",
    ),
    Paper(
        "mrd", "Residual disease by sequencing: what 10^-6 adds to 10^-4",
        (("Maria", "Rossi"), ("José", "Núñez")), "Blood Tests Quarterly", 2023, "41", "2", "77-90",
        "10.1000/BTQ(2023)41-77", "90000003", "PMC9000003", "CC BY 4.0", ("Journal Article", "Review"),
        (("", "This review compares flow cytometry and sequencing. A level of 10^-6 is reached with 4 × "
          "10^6 cells."),),
        (
            ("Why sensitivity matters", (
                "A sample of 4 × 10^6 cells is needed to find one leukaemic cell in a million, and "
                "most laboratories receive fewer cells than that.",
                "Flow cytometry reaches 10^-4 in daily practice; sequencing reaches 10^-6 where the "
                "sample is large enough and the clone was found at diagnosis.",
            )),
            ("What follows from it", (
                "In 18 of 43 samples that were negative by flow, sequencing found residual cells. "
                "Half of these patients relapsed within two years.",
                "Interferon-γ and TNF-α are raised in such patients, but neither has been shown to "
                "predict relapse on its own.",
            )),
        ),
    ),
    Paper(
        "withdrawn", "Retracted: High-dose vincristine in children, a trial that never was",
        (("A. B.", "Sample"), ("Carla", "D'Angelo")), "Journal of Reader Tests", 2015, "8", "1",
        "12-19", "10.1000/jrt.2015.0012", "90000004", None, None,
        ("Journal Article", "Clinical Trial, Phase II", "Retracted Publication"),
        (("OBJECTIVE", "To test vincristine at 2 mg/m^2 in children."),
         ("RESULTS", "We enrolled 48 children. Neuropathy of grade 3 was seen in 12 of 48.")),
        (
            ("Aim", ("Vincristine is capped at 2 mg in adults; whether the cap is needed in children "
                     "has not been tested, and this text does not test it either.",)),
            ("Course", ("Neuropathy of grade 3 was seen in 12 of 48 children by day 29, and it was "
                        "reversible in all but 2 of them.",
                        "Doses were reduced by 50% in cycle 2 after neuropathy, and by 75% in cycle 3.")),
        ),
        sample_size=48, retracted=True,
    ),
    Paper(
        "kinase", "Ponatinib & blinatumomab in Ph+ leukaemia: a single-arm study of tests",
        (("Søren", "Ångström"), ("Émile", "Dvořák"), ("Wei", "Chen")), "Leukaemia Examples", 2024,
        "38", "", "e55", "10.1000/lex.38.e55", "90000005", "PMC9000005", "CC BY-NC 4.0",
        ("Journal Article", "Clinical Trial, Phase II"),
        (("PURPOSE", "To test ponatinib with blinatumomab."),
         ("PARTICIPANTS", "Adults aged 18 years or older with newly diagnosed Ph-positive leukaemia."),
         ("RESULTS", "We enrolled 66 patients. Molecular response was complete in 87%.")),
        (
            ("Design", ("Ponatinib was given at 30 mg per day, reduced to 15 mg after a complete "
                        "molecular response, with up to 5 cycles of blinatumomab.",)),
            ("Outcomes", ("Complete molecular response was reached by 87% at a median of 1.9 months, "
                          "and 3-year event-free survival was 77% (95% CI 64–86).",
                          "Arterial events occurred in 3 patients; lipase ≥3 × the upper limit was "
                          "seen in 14%, and hypertension of grade 3 in 11%.")),
        ),
        (("Event", "All grades", "Grade ≥3"), ("Hypertension", "24%", "11%"), ("Lipase", "31%", "14%"),
         ("Arterial", "5%", "2%")),
        "Adverse events.", 66, group="The Example Leukaemia Group",
    ),
    Paper(
        "cost", "The price of a day in hospital: costs of infusion at home and on the ward",
        (("Ruth", "Okonkwo-Bell"),), "Health Economics of Tests", 2022, "3", "4", "200-211",
        "10.1000/het.3.4.200", "90000006", None, "CC BY-SA 4.0", ("Journal Article",),
        (("", "Infusion at home cost 1,240 euros a week against 3,905 euros on the ward."),),
        (
            ("Costs", ("Infusion at home cost 1,240 euros a week, against 3,905 euros on the ward; "
                       "nursing accounted for two thirds of the difference.",
                       "Costs were taken from the accounts of one hospital and are given in euros of "
                       "2021, without discounting.")),
            ("What was not counted", ("Travel, lost work and care by relatives were not counted, "
                                      "although families named them most often.",)),
        ),
    ),
)  # fmt: skip
