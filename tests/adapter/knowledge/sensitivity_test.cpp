#include "adapter/knowledge/sensitivity.h"

#include <algorithm>

#include "knowledge_fixture.h"

namespace consultd {
namespace {

using testing::built_in;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::problems_of;
using testing::text_of;

constexpr std::string_view loinc = "http://loinc.org";
constexpr std::string_view snomed = "http://snomed.info/sct";
constexpr std::string_view rxnorm = "http://www.nlm.nih.gov/research/umls/rxnorm";
constexpr std::string_view cpt = "http://www.ama-assn.org/go/cpt";
constexpr std::string_view icd10cm = "http://hl7.org/fhir/sid/icd-10-cm";

std::vector<std::string> labels(std::string_view system, std::string_view code) {
    return testing::labels_of(built_in().sensitivity.of_code(system, code));
}
// "SEX.abortion certain" of a name.
std::vector<std::string> told(std::string_view name, bool is_medicine = false) {
    std::vector<std::string> out;
    for (const Sensitivity::Sign& sign : built_in().sensitivity.of_name(name, is_medicine)) {
        const char* const level = sign.level == Sensitivity::Level::Certain  ? " certain"
                                  : sign.level == Sensitivity::Level::Likely ? " likely"
                                                                             : " possible";
        out.push_back(sign.row->label + (sign.row->topic.empty() ? "" : "." + sign.row->topic) +
                      level);
    }
    return out;
}

KnowledgeText rows(const std::string& text) {
    return text_of(
        KnowledgeKind::Sensitivity,
        R"({"name":"own","version":"2026-01-01","description":"d","rows":[)" + text + "]}");
}

// Chapters of ICD-10-CM as the CDC prints them; codes of HL7's and SAMHSA's lists by their names.
TEST(Sensitivity, KnowsTheChaptersOfIcd10) {
    const std::pair<const char*, const char*> known[] = {
        {"F17.210", "SUD"}, {"O09.1", "SEX"},    {"Z31", "SEX"},      {"D56.1", "GDIS"},
        {"T40.1X2A", "MH"}, {"T40.1X3A", "SDV"}, {"C46.9", "HIV"},    {"F10.21", "SUD"},
        {"F11.20", "SUD"},  {"F19.9", "SUD"},    {"F33.1", "MH"},     {"F20", "MH"},
        {"F03.90", "MH"},   {"B20", "HIV"},      {"Z21", "HIV"},      {"O98.711", "HIV"},
        {"Z11.4", "HIV"},   {"A53.9", "STD"},    {"O04.5", "SEX"},    {"Z30.09", "SEX"},
        {"F64.0", "SEX"},   {"Z33.2", "SEX"},    {"T74.11XA", "SDV"}, {"Z62.810", "SDV"},
        {"D57.1", "SICKLE"}};
    for (const auto& [code, label] : known)
        EXPECT_THAT(labels(icd10cm, code), Contains(label)) << code;
    for (const char* code :
         {"C43.9", "I10", "A49.9", "D46.9", "F", "F1", "C50.911", "Z51.11", "R11.0", "G89.3", ""})
        EXPECT_THAT(labels(icd10cm, code), IsEmpty()) << code;
}

TEST(Sensitivity, ACategoryCountsInEveryModificationOfIcd10AndWithoutDots) {
    for (const char* system : {"http://hl7.org/fhir/sid/icd-10", "urn:oid:1.2.276.0.76.5.409",
                               "http://fhir.de/CodeSystem/bfarm/icd-10-gm", ""})
        EXPECT_THAT(labels(system, "F33.1"), Contains("MH")) << system;
    EXPECT_THAT(labels(icd10cm, "f331"), ElementsAre("MH"));
    EXPECT_THAT(labels("http://hospital.example/codes", "F33.1"), IsEmpty());
    EXPECT_THAT(labels(snomed, "F33.1"), IsEmpty());
}

TEST(Sensitivity, KnowsSingleCodesUnderTheirSystem) {
    EXPECT_THAT(labels(loinc, "44249-1"), ElementsAre("MH"));      // PHQ-9
    EXPECT_THAT(labels(loinc, "76690-7"), ElementsAre("SEX"));     // sexual orientation
    EXPECT_THAT(labels(rxnorm, "352364"), Contains("SUD"));        // buprenorphine / naloxone
    EXPECT_THAT(labels(rxnorm, "1747692"), ElementsAre("HIV"));    // Descovy
    EXPECT_THAT(labels(snomed, "706893006"), ElementsAre("SDV"));  // partner abuse
    EXPECT_THAT(labels(snomed, "444175001"), ElementsAre("PSYTHPN"));
    EXPECT_THAT(labels(cpt, "59840"), ElementsAre("SEX"));
    EXPECT_THAT(labels(loinc, "51969-4"), ElementsAre("GDIS"));
    EXPECT_THAT(labels(loinc, "718-7"), IsEmpty());
}

// A code means nothing without its system; but a site's own name for the system, or none, proves
// nothing.
TEST(Sensitivity, ACodeOfAnotherKnownSystemIsAnotherAndOfAnUnknownOneMayBeIt) {
    EXPECT_THAT(labels(cpt, "352364"), IsEmpty());
    EXPECT_THAT(labels(snomed, "59840"), IsEmpty());
    for (const char* system : {"", "urn:oid:1.2.3.4", "http://hospital.example/meds"})
        EXPECT_THAT(labels(system, "352364"), Contains("SUD")) << system;
}

TEST(Sensitivity, AddedRangesOfAnotherSystemCountInThatSystemAlone) {
    const Knowledge knowledge = testing::with({rows(
        R"({"label":"MH","system":"http://own.example/cs","ranges":"295-314","source":"s"})")});
    const auto of = [&](std::string_view system, std::string_view code) {
        return testing::labels_of(knowledge.sensitivity.of_code(system, code));
    };
    EXPECT_THAT(of("http://own.example/cs", "296.2"), ElementsAre("MH"));
    EXPECT_THAT(of("http://own.example/cs", "315"), IsEmpty());
    EXPECT_THAT(of("", "296.2"), IsEmpty());
    EXPECT_THAT(of(icd10cm, "F33.1"), ElementsAre("MH"));
}

// Of a code that no list has nothing is known, unless ranges know all of its system.
TEST(Sensitivity, TellsWhatItKnowsFromWhatItDoesNot) {
    const Sensitivity& all = built_in().sensitivity;
    EXPECT_TRUE(all.knows(icd10cm, "C43.9"));
    EXPECT_TRUE(all.knows(loinc, "718-7"));
    EXPECT_TRUE(all.knows(rxnorm, "6809"));  // metformin
    EXPECT_TRUE(all.knows(snomed, "7200002"));
    EXPECT_FALSE(all.knows(snomed, "38341003"));
    EXPECT_FALSE(all.knows(loinc, "99999-9"));
    EXPECT_FALSE(all.knows("urn:oid:1.2.3", "LOCAL7"));
}

TEST(Sensitivity, FindsAMatterInNamesOfFiveLanguages) {
    for (const char* name :
         {"Opioid use disorder", "Suboxone 8 MG sublingual film", "Alkoholabh\u00e4ngigkeit",
          "Alkoholabhaengigkeit", "trastorno por abuso de sustancias", "alcoolisme chronique",
          "alcoholverslaving"})
        EXPECT_THAT(told(name), Contains(HasSubstr("SUD"))) << name;
    for (const char* name : {"HIV 1 RNA [#/volume] (viral load)", "AIDS", "VIH positivo",
                             "Biktarvy", "dolutegravir 50 MG Oral Tablet"})
        EXPECT_THAT(told(name), Contains("HIV certain")) << name;
    for (const char* name : {"Major depressive disorder", "sertraline 50 MG", "Schizophrenie",
                             "d\u00e9pression", "trastorno de ansiedad", "PHQ-9 total score"})
        EXPECT_THAT(told(name), Contains("MH certain")) << name;
    EXPECT_THAT(told("Termination of pregnancy"), Contains("SEX.abortion certain"));
    EXPECT_THAT(told("Gender identity"), Contains("SEX.gender certain"));
    EXPECT_THAT(told("H\u00e4usliche Gewalt"), Contains(HasSubstr("SDV")));
}

// What clinicians write for short, and what is said at other bedsides than an English one.
TEST(Sensitivity, FindsWhatIsWrittenForShortAndInOtherLanguages) {
    const std::pair<const char*, const char*> known[] = {{"S\u00e9ropositif", "HIV"},
                                                         {"patient seropositivo", "HIV"},
                                                         {"AZT", "HIV"},
                                                         {"3TC 300 mg", "HIV"},
                                                         {"On ART regimen", "HIV"},
                                                         {"DTG 50 mg", "HIV"},
                                                         {"carga viral", "HIV"},
                                                         {"EtOH", "SUD"},
                                                         {"ETOH abuse", "SUD"},
                                                         {"IVDU", "SUD"},
                                                         {"C2-Abusus", "SUD"},
                                                         {"etilismo cr\u00f3nico", "SUD"},
                                                         {"\u00e9thylisme", "SUD"},
                                                         {"alcoholmisbruik", "SUD"},
                                                         {"Polamidon", "SUD"},
                                                         {"IPV", "SDV"},
                                                         {"IPV screening positive", "SDV"},
                                                         {"maltrato infantil", "SDV"},
                                                         {"violences conjugales", "SDV"},
                                                         {"mishandeling", "SDV"},
                                                         {"Child on protection register", "SDV"},
                                                         {"MSM", "SEX"},
                                                         {"DIU au cuivre", "SEX"},
                                                         {"zwangerschapsonderbreking", "SEX"},
                                                         {"idées suicidaires", "MH"},
                                                         {"intento autol\u00edtico", "MH"},
                                                         {"Zwangsgedanken", "MH"},
                                                         {"eetstoornis", "MH"},
                                                         {"Lues", "STD"},
                                                         {"blenorragia", "STD"},
                                                         {"Sichelzellan\u00e4mie", "SICKLE"},
                                                         {"Mukoviszidose", "GDIS"},
                                                         {"deterioro cognitivo leve", "COGN"}};
    for (const auto& [name, label] : known)
        EXPECT_THAT(told(name), Contains(HasSubstr(label))) << name;
}

// A name after a person says nothing, and implies a disability; social work says in many words that
// a child is in danger.
TEST(Sensitivity, KnowsDisabilitiesByTheNamesOfTheirFindersAndDangersToAChildBySocialWorksWords) {
    for (const char* name :
         {"Koolen-De Vries syndrome (disorder)", "Tatton-Brown-Rahman syndrome", "PMM2-CDG",
          "Succinic semialdehyde dehydrogenase deficiency", "Developmental dyslexia", "Dyspraxia",
          "Dysmorphism with short stature syndrome"})
        EXPECT_THAT(told(name), Contains(HasSubstr("COGN"))) << name;
    for (const char* name : {"Vulnerable children in family", "Sibling at risk of harm",
                             "Unborn baby: safety concern", "Removed away from parents"})
        EXPECT_THAT(told(name), Contains(HasSubstr("SDV"))) << name;
    for (const char* name : {"Nephrotic syndrome", "Dihydropyrimidine dehydrogenase deficiency",
                             "Paraneoplastic neurological syndrome", "Bone marrow failure syndrome",
                             "Family history of breast cancer, at risk", "Children's Hospital",
                             "Risk of falls", "Family meeting on goals of care"})
        for (const char* label : {"COGN", "SDV"})
            EXPECT_THAT(told(name), ::testing::Not(Contains(HasSubstr(label)))) << name;
}

// Who lost a child decided nothing, and is not withheld with who did.
TEST(Sensitivity, AMiscarriageIsNoAbortion) {
    for (const char* name : {"Miscarriage in first trimester", "Spontaneous abortion", "Fehlgeburt",
                             "fausse couche", "Missed abortion", "aborto espont\u00e1neo"}) {
        EXPECT_THAT(told(name), Contains(HasSubstr("SEX.pregnancy"))) << name;
        EXPECT_THAT(told(name), ::testing::Not(Contains(HasSubstr("abortion")))) << name;
    }
    EXPECT_THAT(told("Elective abortion"), Contains("SEX.abortion certain"));
    for (const Sensitivity::Sign& sign : built_in().sensitivity.of_code(icd10cm, "O03.9"))
        EXPECT_EQ(sign.row->topic, "pregnancy");
}

// A word is a whole one, and some have another sense in company.
TEST(Sensitivity, IsNotTakenInByFalseFriends) {
    for (const char* name : {"Urticaria (hives)",
                             "Hearing aids",
                             "ST depression",
                             "Ragweed pollen",
                             "Bone density",
                             "Bipolar hip prosthesis",
                             "Alcohol swab",
                             "Chlamydia pneumoniae Ab",
                             "Herpes zoster",
                             "Drug-eluting stent",
                             "Addison disease",
                             "Delivery of oxygen",
                             "Non-alcoholic steatohepatitis",
                             "Paxlovid (nirmatrelvir / ritonavir)",
                             "EGFR gene mutations found in tumor tissue",
                             "Estrogen receptor",
                             "Metastatic melanoma",
                             "Nivolumab 10 MG/ML",
                             "Standard deviation (STD dev)",
                             "Steroid dependence",
                             "Oxygen dependence",
                             "Inactivated polio vaccine (IPV)",
                             "Overactive bladder",
                             "Pain in right hypochondrium",
                             "Right hemispatial neglect",
                             "Enhanced recovery program",
                             "Molestias abdominales",
                             "Lebermetastasen",
                             "ant\u00e9c\u00e9dent de gaucher contrari\u00e9",
                             "vernachl\u00e4ssigbarer Befund",
                             "Tc-99m 10 mCi",
                             "Testosterone [Mass/volume] in Serum",
                             "Alpha 1 antitrypsin [Mass/volume] in Serum",
                             "Haemophilus influenzae B Ab",
                             "HLA-B27 [Presence]",
                             "CD4 count before kidney transplantation"})
        EXPECT_THAT(told(name), IsEmpty()) << name;
    EXPECT_THAT(told("Julie"), IsEmpty());
}

// Names, plants, food, organs, chemistry and idioms of five languages: what goes unless a consent
// says otherwise, does not stay behind for them.
TEST(Sensitivity, InnocentWordsOfFiveLanguagesWithholdNothing) {
    for (const char* text : {"rapeseed oil allergy",
                             "skin rape (Brassica rapeseed oil) allergy",
                             "oilseed rape",
                             "addicted to chocolate",
                             "s\u00fcchtig nach Schokolade",
                             "adicta al chocolate",
                             "verslaafd aan suiker",
                             "Er sucht Arbeit",
                             "sie sucht eine Wohnung",
                             "photophobia",
                             "hydrophobic coating",
                             "st\u00e9atose non alcoolique",
                             "esteatosis no alcoh\u00f3lica",
                             "MSM 1000 mg with glucosamine",
                             "methylsulfonylmethane (MSM)",
                             "top of foot",
                             "SUD: sudden unexplained death",
                             "same-sex roommate on the ward",
                             "bisexual flowers",
                             "Gay-Lussac law",
                             "Brucella abortus",
                             "abortion of the seizure",
                             "schw\u00fclstig",
                             "non-accidental wear of implant",
                             "neglect of the left side",
                             "stalked polyp",
                             "sevrage ventilatoire",
                             "injects insulin",
                             "intravenous drug administration",
                             "drinks plenty",
                             "drinks 2 bottles of water a day",
                             "viol du secret",
                             "droga vegetal",

                             "Entgiftung der Leber",
                             "Alkoholtupfer",
                             "alkoholfreies Bier",
                             "sober judgement",
                             "coffee dependence",
                             "Entbindung von der Schweigepflicht",
                             "Geburtsdatum 1.1.1950",
                             "nervous system",
                             "Sterilisation der Instrumente",
                             "Verh\u00fctung von Unf\u00e4llen",
                             "Mme Drogue",
                             "d\u00e9pression du segment ST",
                             "condom catheter",
                             "sickle-shaped",
                             "Huntington Beach",
                             "Osteochondritis dissecans (OCD)",
                             "CBT: cord blood transplant"}) {
        for (const Sensitivity::Sign& sign : built_in().sensitivity.of_text(text))
            EXPECT_EQ(sign.level, Sensitivity::Level::Possible) << text;
        for (const Sensitivity::Sign& sign : built_in().sensitivity.of_name(text))
            EXPECT_EQ(sign.level, Sensitivity::Level::Possible) << text;
    }
    const std::pair<const char*, const char*> real[] = {
        {"Sucht", "SUD certain"},
        {"social phobia", "MH certain"},
        {"schwul", "SEX.orientation certain"},
        {"MSM", "SEX.orientation certain"},
        {"injects heroin", "SUD.opioid certain"},
        {"addicted to alcohol", "SUD.alcohol certain"},
        {"H\u00e9ro\u00efne", "SUD.opioid certain"}};
    for (const auto& [text, sign] : real) EXPECT_THAT(told(text), Contains(sign)) << text;
}

TEST(Sensitivity, ADrugOfTwoUsesIsNoMoreThanPossible) {
    EXPECT_THAT(told("oxycodone hydrochloride 5 MG Oral Tablet"),
                ElementsAre("SUD.opioid possible"));
    EXPECT_THAT(told("Tobacco smoking status"), Contains("SUD.tobacco possible"));
    EXPECT_THAT(told("methadone 10 MG"), Contains("SUD.opioid likely"));
    EXPECT_THAT(told("Butrans buprenorphine 5 mcg/hr patch"),
                ::testing::Not(Contains(HasSubstr("likely"))));
}

// What was denied, or is a family's, is still about the matter, one level below.
// Entecavir is against hepatitis B: of what begins as the drugs against HIV do, its code says less.
TEST(Sensitivity, ALongerBeginningOfAnAtcCodeDecidesBeforeAShorterOne) {
    using Level = Sensitivity::Level;
    const std::tuple<const char*, const char*, Level> known[] = {
        {"J05AF10", "HIV", Level::Possible}, {"J05AF05", "HIV", Level::Likely},
        {"J05AF06", "HIV", Level::Likely},   {"J05AF", "HIV", Level::Likely},
        {"N05AB04", "MH", Level::Possible},  {"N05AB03", "MH", Level::Certain},
        {"N05AX08", "MH", Level::Certain},   {"N07BC02", "SUD", Level::Certain},
        {"N07BC51", "SUD", Level::Certain},  {"N07BB03", "SUD", Level::Certain},
        {"N06AX16", "MH", Level::Likely},    {"N06AX26", "MH", Level::Likely},
        {"V03AB15", "SUD", Level::Likely}};
    for (const auto& [code, label, level] : known) {
        const auto signs = built_in().sensitivity.of_code("http://www.whocc.no/atc", code);
        ASSERT_EQ(signs.size(), 1U) << code;
        EXPECT_EQ(signs[0].row->label, label) << code;
        EXPECT_EQ(signs[0].level, level) << code;
    }
}

TEST(Sensitivity, ADeniedMatterIsTheMatterStill) {
    EXPECT_THAT(told("No history of HIV infection"), Contains("HIV likely"));
    EXPECT_THAT(told("Family history of schizophrenia"), Contains("MH likely"));
}

// A long text is read in pieces, and a phrase where two of them meet is found.
TEST(Sensitivity, FindsAPhraseWhereverItStandsInALongText) {
    const Sensitivity& all = built_in().sensitivity;
    for (std::size_t before = (std::size_t{1} << 20) - 40; before < (std::size_t{1} << 20) + 8;
         before += 12) {
        std::string text;
        while (text.size() < before) text += "wound ";
        text += " suicide attempt ";
        while (text.size() < before + 3000) text += "wound ";
        EXPECT_THAT(testing::labels_of(all.of_text(text)), ElementsAre("MH")) << before;
    }
    EXPECT_THAT(all.of_text(std::string(std::size_t{3} << 20, 'x')), IsEmpty());
}

// A mention that is no more than possible does not take a letter.
TEST(Sensitivity, OfATextOnlyWhatIsAtLeastLikelyCounts) {
    const Sensitivity& all = built_in().sensitivity;
    EXPECT_THAT(all.of_text("Smokes ten cigarettes, some stress at work, took oxycodone."),
                IsEmpty());
    EXPECT_THAT(testing::labels_of(all.of_text("Seen after\nher suicide attempt.")),
                ElementsAre("MH"));
}

TEST(Sensitivity, ARowThatSaysNothingOrWrongIsAProblem) {
    EXPECT_THAT(
        problems_of({rows(
            R"({"label":"HIVE","system":"http://loinc.org","codes":"1-8","source":"s"},)"
            R"({"label":"HIV","system":"http://loinc.org","source":"s"},)"
            R"({"label":"HIV","system":"http://hl7.org/fhir/sid/icd-10","ranges":"B20-B2 C3-B9","source":"s"})")}),
        ElementsAre(HasSubstr("/rows/0/label is no sensitivity code of v3-ActCode"),
                    HasSubstr("/rows/1 has neither codes, ranges nor words"),
                    HasSubstr("/rows/2/ranges"), HasSubstr("/rows/2/ranges")));
    EXPECT_THAT(problems_of({rows(R"({"label":"HIV","codes":"1-8","source":"s"})")}),
                ElementsAre(HasSubstr("/rows/0/system is missing")));
}

}  // namespace
}  // namespace consultd
