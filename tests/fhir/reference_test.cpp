#include "fhir/reference.h"

#include <gtest/gtest.h>

namespace consultd::fhir {
namespace {

using Form = Reference::Form;

struct Case {
    std::string_view text;
    Form form;
    std::string_view base, type, id, version;
};

TEST(ReferenceTest, NamesWhatTheStandardSays) {
    const Case cases[] = {
        {"Patient/1", Form::Relative, "", "Patient", "1", ""},
        {"Patient/1/_history/2", Form::Relative, "", "Patient", "1", "2"},
        {"https://h/fhir/Patient/a-b.C", Form::Absolute, "https://h/fhir", "Patient", "a-b.C", ""},
        {"http://h/Patient/1/_history/x", Form::Absolute, "http://h", "Patient", "1", "x"},
        {"#p1", Form::Contained, "", "", "p1", ""},
        {"#", Form::Contained, "", "", "", ""},
        {"urn:uuid:c757873d-ec9a-4326-a141-556f43239520", Form::Urn, "", "", "", ""},
        {"urn:oid:1.2.3", Form::Urn, "", "", "", ""},
    };
    for (const Case& expected : cases) {
        const Reference parsed = Reference::parse(expected.text);
        EXPECT_EQ(parsed.form, expected.form) << expected.text;
        EXPECT_EQ(parsed.text, expected.text);
        EXPECT_EQ(parsed.base, expected.base) << expected.text;
        EXPECT_EQ(parsed.type, expected.type) << expected.text;
        EXPECT_EQ(parsed.id, expected.id) << expected.text;
        EXPECT_EQ(parsed.version, expected.version) << expected.text;
    }
    EXPECT_EQ(Reference::parse("https://h/fhir/Patient/1/_history/2").key(), "Patient/1");
}

TEST(ReferenceTest, WhatNamesNoResourceIsOtherAndHasNoParts) {
    for (const char* text : {"",
                             "Patient",
                             "Patient/",
                             "/Patient/1",
                             "x/Patient/1",
                             "patient/1",
                             "Patientx/1",
                             "Patient/a%b",
                             "Patient/1/",
                             "Patient/1/2",
                             "Patient/1/_history",
                             "Patient/1/_history/",
                             "Patient?identifier=x|1",
                             "Patient/1?x",
                             "Patient/1#p",
                             "Patient/..",
                             "Patient/.",
                             "Patient/1/_history/..",
                             "_history/1",
                             "urn:isbn:1",
                             "ftp://h/Patient/1",
                             "http:///Patient/1",
                             "https://Patient/1",
                             "mailto:a@b",
                             " Patient/1",
                             "Patient/1 ",
                             "Patient\\1",
                             "http://terminology.hl7.org/CodeSystem",
                             "Resource/1"}) {
        const Reference parsed = Reference::parse(text);
        EXPECT_EQ(parsed.form, Form::Other) << text;
        EXPECT_TRUE(parsed.type.empty() && parsed.id.empty() && parsed.base.empty()) << text;
    }
    EXPECT_EQ(Reference::parse("Patient/" + std::string(256, 'a')).form, Form::Other);
    // Of ids beyond R4's, as sources have them.
    EXPECT_EQ(Reference::parse("Medication/" + std::string(109, 'a')).form, Form::Relative);
    EXPECT_EQ(Reference::parse("Medication/med_1").key(), "Medication/med_1");
}

}  // namespace
}  // namespace consultd::fhir
