// Words as people write them: in which company, order, script and spelling they are found, and what
// is no sign.
#include "adapter/knowledge/sensitive_words.h"

#include <gmock/gmock.h>

#include "knowledge_fixture.h"

namespace consultd {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

std::vector<std::string> labels(std::string_view text) {
    return testing::labels_of(testing::built_in().sensitivity.of_text(text));
}
std::vector<std::string> labels_of_label(std::string_view label) {
    return testing::labels_of(testing::built_in().sensitivity.of_label(label));
}
// Whether what betrays the label is more than possible.
bool is_likely(std::string_view text, std::string_view label) {
    for (const Sensitivity::Sign& sign : testing::built_in().sensitivity.of_text(text))
        if (sign.row->label == label && sign.level != Sensitivity::Level::Possible) return true;
    return false;
}

// What has two meanings is told by what stands beside it, in the same sentence.
TEST(SensitiveWords, AWordOfTwoMeaningsNeedsASecondSign) {
    const std::pair<const char*, const char*> known[] = {
        {"on ART, undetectable", "HIV"},
        {"PCP prophylaxis because CD4 < 200", "HIV"},
        {"RVD on treatment", "HIV"},
        {"PEP after needlestick", "HIV"},
        {"rehab 2019", "SUD"},
        {"Entzug 2019", "SUD"},
        {"COWS 20", "SUD"},
        {"smokes crack daily", "SUD"},
        {"fentanyl OD 2019", "SUD"},
        {"2 bottles of vodka a day", "SUD"},
        {"attends AA meetings", "SUD"},
        {"abstinent seit 2015", "SUD"},
        {"TOP 2009", "SEX"},
        {"D&E 2009", "SEX"},
        {"Hx: TAB x1", "SEX"},
        {"partner beats her", "SDV"},
        {"ihr Mann hat sie geschlagen", "SDV"},
        {"son mari la frappe", "SDV"},
        {"haar vriend slaat haar", "SDV"},
        {"su marido le pega", "SDV"},
        {"HDT 2010", "MH"},
        {"TMS course", "MH"}};
    for (const auto& [text, label] : known) EXPECT_TRUE(is_likely(text, label)) << text;
    for (const char* text :
         {"Art der Untersuchung: MRT", "Knee rehab started", "Cardiac rehab 2019", "crack in tooth",
          "1 TAB x1 daily", "TOP of the femur", "MRI with DWI 2019", "AA amino acid",
          "OD 20/40, OS 20/20", "gait speed normal", "high-speed drill", "Coke can injury",
          "PEP valve", "the heart beats regularly", "Chest tube on suction, 2 bottles",
          "folic acid daily", "US-guided CMP panel"})
        EXPECT_THAT(labels(text), IsEmpty()) << text;
    EXPECT_THAT(labels("Crack of the tooth. He is using a crutch."), IsEmpty());
}

TEST(SensitiveWords, ShortLinesOfFiveLanguagesAreFound) {
    const std::pair<const char*, const char*> known[] = {{"seropositief", "HIV"},
                                                         {"HI-Viren", "HIV"},
                                                         {"sieropositivo", "HIV"},
                                                         {"alcoholverslaafd", "SUD"},
                                                         {"opio\u00efdenafhankelijkheid", "SUD"},
                                                         {"dependencia al alcohol", "SUD"},
                                                         {"Benzoabh\u00e4ngigkeit", "SUD"},
                                                         {"OH chronique", "SUD"},
                                                         {"Heptadon", "SUD"},
                                                         {"Nalorex", "SUD"},
                                                         {"Elektrokrampftherapie", "MH"},
                                                         {"Section 2 MHA", "MH"},
                                                         {"postpartum blues", "MH"},
                                                         {"Truxal", "MH"},
                                                         {"cyam\u00e9mazine", "MH"},
                                                         {"women's shelter", "SDV"},
                                                         {"psychoanalysis", "PSYTHPN"},
                                                         {"Psychotherapie-Sitzung", "PSYTHPN"},
                                                         {"Pro Familia", "SEX"},
                                                         {"CAG repeats 42", "GDIS"},
                                                         {"OraQuick Advance", "HIV"}};
    for (const auto& [text, label] : known) EXPECT_THAT(labels(text), Contains(label)) << text;
}

TEST(SensitiveWords, LettersThatLookAlikeAreTheLetters) {
    for (const char* text : {"H\u0406V", "\u041d\u0406V positive", "\U0001D407\U0001D408\U0001D415",
                             "\uff28\uff29\uff36", "\u0397\u0399V", "\u24bd\u24be\u24cb",
                             "s\u0435ropositive", "B\u0456ktarvy"})
        EXPECT_THAT(labels(text), Contains("HIV")) << text;
    for (const char* text : {"\u03b1-Fetoprotein 3 \u00b5g/l", "\u03b2-Blocker",
                             "\u0411\u043e\u043b\u044c \u0432 \u043a\u043e\u043b\u0435\u043d\u0435",
                             "37 \u2103, \u2265 5"})
        EXPECT_THAT(labels(text), IsEmpty()) << text;
}

TEST(SensitiveWords, AWordIsFoundThatIsBrokenOverALine) {
    for (const char* text :
         {"human immuno-\n   deficiency virus", "human immuno-\r\ndeficiency virus",
          "antiretro-\n  virale Therapie", "H-\nI-\nV"})
        EXPECT_THAT(labels(text), Contains("HIV")) << text;
}

TEST(SensitiveWords, ALongWordIsFoundWithOneLetterWrong) {
    const std::pair<const char*, const char*> known[] = {{"alchoholic", "SUD"},
                                                         {"human immunodeficency virus", "HIV"},
                                                         {"antiretrovral therapy", "HIV"},
                                                         {"dolutegavir", "HIV"},
                                                         {"homsexual", "SEX"},
                                                         {"schizophernia", "MH"},
                                                         {"buprenorphne", "SUD"},
                                                         {"transgneder", "SEX"},
                                                         {"Alkoholabh\u00e4ngigket", "SUD"}};
    for (const auto& [text, label] : known) EXPECT_THAT(labels(text), Contains(label)) << text;
    for (const char* text :
         {"adduction of the hip", "additional imaging", "the expression was high", "macrocephaly",
          "convulsion", "importance", "dissemination"})
        EXPECT_THAT(labels(text), IsEmpty()) << text;
}

TEST(SensitiveWords, APhraseIsFoundInAnotherOrderWhereAConnectiveOrACommaSaysSo) {
    const std::pair<const char*, const char*> known[] = {{"Virus, human immunodeficiency", "HIV"},
                                                         {"dependence on alcohol", "SUD"},
                                                         {"Abuse, alcohol", "SUD"},
                                                         {"dependence on the opioids", "SUD"},
                                                         {"termination of the pregnancy", "SEX"},
                                                         {"disorder, bipolar", "MH"}};
    for (const auto& [text, label] : known) EXPECT_THAT(labels(text), Contains(label)) << text;
    for (const char* text : {"No substance, use drug as prescribed", "dependence on oxygen",
                             "use of drug-eluting stents", "panel, drug allergies"})
        EXPECT_FALSE(is_likely(text, "SUD")) << text;
}

TEST(SensitiveWords, FusedWordsOfNamesAndIdsAreTakenApart) {
    const std::pair<const char*, const char*> known[] = {
        {"hivClinic.txt", "HIV"},    {"hiv2024", "HIV"},       {"hivclinic", "HIV"},
        {"HIVREG-1", "HIV"},         {"detoxUnit", "SUD"},     {"METHADONECLINIC-7", "SUD"},
        {"MAT-ENROL-2", "SUD"},      {"sudProgram", "SUD"},    {"AlcoholUnit", "SUD"},
        {"PSYCHWARD-7", "MH"},       {"psychClinic22", "MH"},  {"BEHAVHEALTH", "MH"},
        {"GENDERCLINIC-9", "SEX"},   {"DVSHELTER-1", "SDV"},   {"SARTexam1", "SDV"},
        {"methadonKlinik_3", "SUD"}, {"syphilistest-4", "STD"}};
    for (const auto& [label, matter] : known)
        EXPECT_THAT(labels_of_label(label), Contains(matter)) << label;
    for (const char* label :
         {"GENERAL", "healthcare", "therapist", "us-core-careplan", "LabReport2", "patientPortal",
          "unitTest", "8944e7cf-1482-b552", "Essex-7"})
        EXPECT_THAT(labels_of_label(label), IsEmpty()) << label;
}

// What somebody only denies is withheld where the matter is denied, and does not take a note by
// default.
TEST(SensitiveWords, WhatATextOnlyDeniesIsNoMoreThanPossible) {
    for (const char* text : {"HIV negative", "HIV-Test: negativ", "HIV: nonreactive"}) {
        EXPECT_THAT(labels(text), Contains("HIV")) << text;
        EXPECT_FALSE(is_likely(text, "HIV")) << text;
    }
    for (const char* text :
         {"HIV ausgeschlossen", "VIH exclu", "VIH descartado", "HIV test not done"})
        EXPECT_FALSE(is_likely(text, "HIV")) << text;
    EXPECT_FALSE(is_likely("violence at work not reported", "SDV"));
    for (const char* text : {"ETOH none", "IVDA excluded", "Denies alcohol, tobacco or drug use",
                             "Kein Alkoholabusus", "Knee pain. Denies drug abuse. Walks well."})
        EXPECT_FALSE(is_likely(text, "SUD")) << text;
    for (const char* text :
         {"Patient has HIV, no alcohol", "no change of HIV medication", "no longer HIV negative",
          "HIV viral load negative", "denies missing HIV doses", "Denies alcohol, known HIV",
          "HIV negative in 2010. HIV positive in 2011.", "not HIV negative"})
        EXPECT_TRUE(is_likely(text, "HIV")) << text;
}

// Short words, and long ones with two letters wrong, as they stand in notes.
TEST(SensitiveWords, CommonMisspellingsAreFound) {
    const std::pair<const char*, const char*> known[] = {{"herion use", "SUD"},
                                                         {"alchoholic", "SUD"},
                                                         {"opiod abuse", "SUD"},
                                                         {"depresed", "MH"},
                                                         {"biploar", "MH"},
                                                         {"sucidal", "MH"},
                                                         {"pyschiatric", "MH"},
                                                         {"clamydia", "STD"},
                                                         {"syphillis", "STD"},
                                                         {"gonorrea", "STD"},
                                                         {"transexual", "SEX"},
                                                         {"abotion", "SEX"},
                                                         {"sexual assult", "SDV"},
                                                         {"domestic violance", "SDV"},
                                                         {"antiretoviral drugs", "HIV"},
                                                         {"human imunodeficency virus", "HIV"}};
    for (const auto& [text, label] : known) EXPECT_TRUE(is_likely(text, label)) << text;
}

// A relative's habit is no more than possible, as ICD-10 has it of a family's history. A mother may
// be the patient; violence, a virus or a gene in a family is near.
TEST(SensitiveWords, WhatIsSaidOfARelativeAloneIsNoMoreThanPossible) {
    const std::pair<const char*, const char*> theirs[] = {
        {"father had alcoholism", "SUD"},
        {"Vater Alkoholiker", "SUD"},
        {"p\u00e8re alcoolique", "SUD"},
        {"uncle: schizophrenia", "MH"},
        {"vader alcoholist", "SUD"},
        {"lesbian great-aunt", "SEX"},
        {"Knee pain. Her brother is an alcoholic. Walks well.", "SUD"}};
    for (const auto& [text, label] : theirs) {
        EXPECT_FALSE(is_likely(text, label)) << text;
        EXPECT_THAT(labels(text), Contains(label)) << text;
    }
    const std::pair<const char*, const char*> own[] = {
        {"depressed mother", "MH"},
        {"alcoholic, like his father", "SUD"},
        {"drinks with his brother, alcoholic", "SUD"},
        {"father beats her", "SDV"},
        {"brother has HIV", "HIV"},
        {"shares needles with her brother", "SUD"}};
    for (const auto& [text, label] : own) EXPECT_TRUE(is_likely(text, label)) << text;
}

// A drug of two uses is no more than possible where what stands beside it is the other one.
TEST(SensitiveWords, ADrugIsLessWhereItsOtherReasonStandsBesideIt) {
    const std::pair<const char*, const char*> others[] = {
        {"methadone 5 mg for cancer pain", "SUD"},
        {"Methadon wegen Tumorschmerzen", "SUD"},
        {"naltrexone 4.5 mg at night", "SUD"},
        {"lamivudine 100 mg (hepatitis B)", "HIV"},
        {"misoprostol with diclofenac against ulcers", "SEX"}};
    const Sensitivity& known = testing::built_in().sensitivity;
    for (const auto& [text, label] : others) {
        EXPECT_FALSE(is_likely(text, label)) << text;
        EXPECT_THAT(labels(text), Contains(label)) << text;
        for (const Sensitivity::Sign& sign : known.of_name(text))
            EXPECT_EQ(sign.level, Sensitivity::Level::Possible) << text;
    }
    for (const auto& [text, label] :
         {std::pair("methadone 40 mg daily. The knee has no pain.", "SUD"),
          std::pair("methadone programme, chronic pain", "SUD"),
          std::pair("methadone for cancer pain. Before that methadone 60 mg daily.", "SUD"),
          std::pair("lamivudine 300 mg", "HIV"), std::pair("misoprostol 800 mcg", "SEX")})
        EXPECT_TRUE(is_likely(text, label)) << text;
}

TEST(SensitiveWords, ANameBehindATitleIsNoSign) {
    for (const char* text : {"Dr. Gay reviewed", "seen by Mrs Gay", "Prof. Gay", "Gay, MD"})
        EXPECT_THAT(labels(text), IsEmpty()) << text;
    EXPECT_THAT(labels("He is gay."), ElementsAre("SEX"));
}

}  // namespace
}  // namespace consultd
