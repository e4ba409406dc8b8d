#include "adapter/stages/intake/older_release.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "adapter/stages/intake/intake.h"

namespace consultd {
namespace {

using fhir::Json;

// JSON with ' for ".
Json json(std::string text) {
    std::replace(text.begin(), text.end(), '\'', '"');
    const Result<Json> parsed = Json::parse(text);
    EXPECT_TRUE(parsed) << text;
    return parsed ? *parsed : Json();
}
// As R4, canonical; "rejected" where it cannot be.
std::string converted(const std::string& resource, Release from) {
    const std::optional<Json> out = to_r4(json(resource), from);
    return out ? out->print_canonical() : "rejected";
}
void expect_stu3(const std::string& resource, const std::string& r4) {
    EXPECT_EQ(converted(resource, Release::Stu3), json(r4).print_canonical());
}
void expect_dstu2(const std::string& resource, const std::string& r4) {
    EXPECT_EQ(converted(resource, Release::Dstu2), json(r4).print_canonical());
}

// The worst that can happen: what was not done, given or taken is said to have been.
TEST(OlderRelease, WhatWasNotDoneNeverBecomesDone) {
    expect_stu3(
        "{'resourceType':'Procedure','status':'completed','notDone':true,"
        "'notDoneReason':{'text':'bleeds'}}",
        "{'resourceType':'Procedure','status':'not-done','statusReason':{'text':'bleeds'}}");
    expect_dstu2(
        "{'resourceType':'Procedure','status':'completed','notPerformed':true,"
        "'reasonNotPerformed':[{'text':'bleeds'}]}",
        "{'resourceType':'Procedure','status':'not-done','statusReason':{'text':'bleeds'}}");
    expect_stu3(
        "{'resourceType':'Immunization','status':'completed','notGiven':true,"
        "'explanation':{'reasonNotGiven':[{'text':'allergic'}]}}",
        "{'resourceType':'Immunization','status':'not-done','statusReason':{'text':'allergic'}}");
    expect_dstu2("{'resourceType':'Immunization','status':'completed','wasNotGiven':true}",
                 "{'resourceType':'Immunization','status':'not-done'}");
    expect_stu3(
        "{'resourceType':'MedicationStatement','status':'active','taken':'n',"
        "'reasonNotTaken':[{'text':'nausea'}]}",
        "{'resourceType':'MedicationStatement','status':'not-taken',"
        "'statusReason':[{'text':'nausea'}]}");
    expect_dstu2("{'resourceType':'MedicationStatement','status':'completed','wasNotTaken':true}",
                 "{'resourceType':'MedicationStatement','status':'not-taken'}");
    // What is done stays that, and a mistake stays a mistake.
    expect_stu3("{'resourceType':'Procedure','status':'completed','notDone':false}",
                "{'resourceType':'Procedure','status':'completed'}");
    expect_stu3("{'resourceType':'Procedure','status':'entered-in-error','notDone':true}",
                "{'resourceType':'Procedure','status':'entered-in-error'}");
    // A flag that is none decides nothing.
    EXPECT_EQ(converted("{'resourceType':'Procedure','status':'completed','notDone':'true'}",
                        Release::Stu3),
              "rejected");
    EXPECT_EQ(converted("{'resourceType':'MedicationStatement','status':'active','taken':'x'}",
                        Release::Stu3),
              "rejected");
}

TEST(OlderRelease, AnAllergyKeepsWhatWasSaidOfIt) {
    const auto allergy = [](const std::string& status, const std::string& statuses) {
        expect_dstu2("{'resourceType':'AllergyIntolerance','substance':{'text':'nuts'},'status':'" +
                         status + "','criticality':'CRITH','category':'food'}",
                     "{'resourceType':'AllergyIntolerance','code':{'text':'nuts'},"
                     "'criticality':'high','category':['food']" +
                         statuses + "}");
    };
    const std::string system = "http://terminology.hl7.org/CodeSystem/allergyintolerance-";
    const auto is = [&](const std::string& name, const std::string& kind, const std::string& code) {
        return ",'" + name + "':{'coding':[{'system':'" + system + kind + "','code':'" + code +
               "'}]}";
    };
    allergy("refuted", is("verificationStatus", "verification", "refuted"));
    allergy("resolved", is("clinicalStatus", "clinical", "resolved"));
    allergy("confirmed", is("clinicalStatus", "clinical", "active") +
                             is("verificationStatus", "verification", "confirmed"));
    EXPECT_EQ(converted("{'resourceType':'AllergyIntolerance','substance':{'text':'nuts'},"
                        "'status':'a-vendors-own'}",
                        Release::Dstu2),
              "rejected");
}

TEST(OlderRelease, AConditionIsOverWhereItSaidSo) {
    const auto status = [](const std::string& members) {
        const auto out = to_r4(json("{'resourceType':'Condition'," + members + "}"), Release::Stu3);
        return out ? std::string((*out)["clinicalStatus"]["coding"].items()[0]["code"].string())
                   : "rejected";
    };
    EXPECT_EQ(status("'abatementBoolean':true"), "resolved");
    EXPECT_EQ(status("'clinicalStatus':'remission','abatementBoolean':true"), "remission");
    EXPECT_EQ(status("'clinicalStatus':'active','abatementBoolean':false"), "active");
    EXPECT_EQ(status("'clinicalStatus':'active','abatementBoolean':true"), "rejected");
}

TEST(OlderRelease, EachNumberStandsAsItStood) {
    expect_stu3(
        "{'resourceType':'MedicationRequest','intent':'order','status':'active',"
        "'dosageInstruction':[{'doseQuantity':{'value':2.50,'unit':'mg'},"
        "'rateQuantity':{'value':0.010},'text':'x'}]}",
        "{'resourceType':'MedicationRequest','intent':'order','status':'active',"
        "'dosageInstruction':[{'text':'x','doseAndRate':[{'doseQuantity':"
        "{'value':2.50,'unit':'mg'},'rateQuantity':{'value':0.010}}]}]}");
    expect_dstu2(
        "{'resourceType':'MedicationOrder','status':'stopped','dateWritten':'2014-05',"
        "'patient':{'reference':'Patient/1'},'note':'with food',"
        "'dosageInstruction':[{'doseQuantity':{'value':1.0}}]}",
        "{'resourceType':'MedicationRequest','intent':'order','status':'stopped',"
        "'authoredOn':'2014-05','subject':{'reference':'Patient/1'},"
        "'note':[{'text':'with food'}],"
        "'dosageInstruction':[{'doseAndRate':[{'doseQuantity':{'value':1.0}}]}]}");
}

TEST(OlderRelease, WhatR4HasOtherwiseIsPutWhereR4HasIt) {
    expect_stu3(
        "{'resourceType':'Observation','status':'final','comment':'sic',"
        "'context':{'reference':'Encounter/1'},'interpretation':{'text':'high'},"
        "'related':[{'type':'has-member','target':{'reference':'Observation/2'}}]}",
        "{'resourceType':'Observation','status':'final','note':[{'text':'sic'}],"
        "'encounter':{'reference':'Encounter/1'},'interpretation':[{'text':'high'}],"
        "'hasMember':[{'reference':'Observation/2'}]}");
    expect_dstu2(
        "{'resourceType':'Encounter','status':'finished','class':'inpatient',"
        "'patient':{'reference':'Patient/1'},'reason':[{'text':'pain'}]}",
        "{'resourceType':'Encounter','status':'finished','class':{'system':"
        "'http://terminology.hl7.org/CodeSystem/v3-ActCode','code':'IMP'},"
        "'subject':{'reference':'Patient/1'},'reasonCode':[{'text':'pain'}]}");
    expect_dstu2("{'resourceType':'Patient','name':[{'family':['van','Dyk'],'given':['A']}]}",
                 "{'resourceType':'Patient','name':[{'family':'van Dyk','given':['A']}]}");
    expect_dstu2(
        "{'resourceType':'Immunization','status':'completed','wasNotGiven':false,"
        "'date':'2010-01-02','reported':true}",
        "{'resourceType':'Immunization','status':'completed',"
        "'occurrenceDateTime':'2010-01-02','primarySource':false}");
    expect_dstu2(
        "{'resourceType':'MedicationStatement','status':'active',"
        "'meta':{'profile':['http://hl7.org/fhir/1.0/x']},'supportingInformation':"
        "[{'reference':'https://e.example/MedicationOrder/7'}]}",
        "{'resourceType':'MedicationStatement','status':'active','derivedFrom':"
        "[{'reference':'https://e.example/MedicationRequest/7'}]}");
}

TEST(OlderRelease, ADocumentKeepsItsBytesAndItsDates) {
    expect_stu3(
        "{'resourceType':'DocumentReference','status':'current','indexed':'2021-01-02T03:04:05Z',"
        "'created':'2021-01-01','class':{'text':'note'},'content':[{'attachment':{'url':'x'}}]}",
        "{'resourceType':'DocumentReference','status':'current','date':'2021-01-02T03:04:05Z',"
        "'category':[{'text':'note'}],'content':[{'attachment':{'url':'x',"
        "'creation':'2021-01-01'}}]}");
    for (const Release release : {Release::Stu3, Release::Dstu2})
        EXPECT_EQ(converted("{'resourceType':'Binary','contentType':'text/plain','content':'QQ=='}",
                            release),
                  json("{'resourceType':'Binary','contentType':'text/plain','data':'QQ=='}")
                      .print_canonical());
}

// Never half of a resource: what has no place in R4 stops it.
TEST(OlderRelease, WhatCannotBeSaidInR4IsRejectedAsAWhole) {
    for (const char* resource :
         {"{'resourceType':'Observation','context':{'reference':'EpisodeOfCare/1'}}",
          "{'resourceType':'Observation','related':[{'type':'replaces','target':{'reference':'x'}}]"
          "}",
          "{'resourceType':'Observation','valueAttachment':{'title':'x'}}",
          "{'resourceType':'Immunization','vaccinationProtocol':[{'description':'x'}]}",
          "{'resourceType':'MedicationRequest','requester':{'agent':{'display':'a'},"
          "'onBehalfOf':{'display':'b'}}}",
          "{'resourceType':'Immunization','explanation':{'reasonNotGiven':[{'text':'a'},"
          "{'text':'b'}]}}",
          "{'resourceType':'CarePlan','definition':[{'reference':'PlanDefinition/1'}]}",
          "{'resourceType':'Consent','status':'active'}"})
        EXPECT_EQ(converted(resource, Release::Stu3), "rejected") << resource;
}

class OlderFile : public ::testing::Test {
protected:
    static Record record_of(const std::string& entries) {
        std::vector<InputDocument> documents{
            {"record.json", json("{'resourceType':'Bundle','type':'collection','entry':[" +
                                 std::string("{'resource':{'resourceType':'Patient','id':'p'}}") +
                                 entries + "]}")}};
        const Result<Record> record =
            record_from(documents, json("{'patient':{'reference':'Patient/p'}}"), Instant{});
        EXPECT_TRUE(record);
        return record ? *record : Record();
    }
    static std::string entry(const std::string& resource) {
        return ",{'resource':{" + resource + "}}";
    }
    static std::string reason(const Record& record, const std::string& name) {
        for (const RejectedResource& one : record.rejected)
            if (one.source == name) return one.reason.c_str();
        for (const PulledResource& one : record.resources)
            if (one.source == name) return one.as_it_came.is_null() ? "as it came" : "converted";
        return "absent";
    }
};

TEST_F(OlderFile, IsOfOneReleaseAndEachOfItsResourcesIsConvertedOrRejectedByName) {
    const std::string subject = ",'subject':{'reference':'Patient/p'}";
    const Record record =
        record_of(entry("'resourceType':'Procedure','id':'no','status':'completed','notDone':true" +
                        subject) +
                  entry("'resourceType':'Observation','id':'same','status':'final'" + subject) +
                  entry("'resourceType':'Communication','id':'plan'" + subject) +
                  entry("'resourceType':'Condition','id':'c','clinicalStatus':'active'" + subject));
    EXPECT_EQ(reason(record, "Procedure/no"), "converted");
    EXPECT_EQ(reason(record, "Observation/same"), "as it came");
    EXPECT_EQ(reason(record, "Communication/plan"), "other-version");
    EXPECT_EQ(reason(record, "Condition/c"), "converted");
    for (const PulledResource& one : record.resources)
        if (one.source == "Procedure/no") {
            EXPECT_EQ(one.resource["status"].string(), "not-done");
        }
}

// A name of a type that R4 does not have was taken for another server's.
TEST_F(OlderFile, WhatIsOfATypeWithAnotherNameGoesByIt) {
    const Record record = record_of(
        ",{'fullUrl':'https://e.example/MedicationOrder/m','resource':{'resourceType':"
        "'MedicationOrder','id':'m','status':'active','patient':{'reference':'Patient/p'}}}");
    EXPECT_EQ(reason(record, "MedicationRequest/m"), "converted");
}

// Two types went into one: which of the two a reference means cannot be told any more.
TEST_F(OlderFile, TwoOrdersOfOneNameAreNotTakenForOne) {
    const std::string order = ",'id':'7','subject':{'reference':'Patient/p'},'status':'completed'";
    const Record record =
        record_of(entry("'resourceType':'DiagnosticOrder'" + order) +
                  entry("'resourceType':'ProcedureRequest','orderedOn':'2014'" + order) +
                  entry("'resourceType':'DiagnosticReport','id':'r','status':'final','request':"
                        "[{'reference':'DiagnosticOrder/7'}],'subject':{'reference':'Patient/p'}"));
    EXPECT_EQ(reason(record, "DiagnosticOrder/7"), "other-version");
    EXPECT_EQ(reason(record, "ProcedureRequest/7"), "other-version");
    EXPECT_EQ(reason(record, "DiagnosticReport/r"), "converted");
}

// The same in XML, which says nothing of its release but by its elements.
TEST_F(OlderFile, InXmlIsReadAndConvertedAsItsJsonIs) {
    const auto read = [](const std::string& entries) {
        const std::string patient =
            R"(<entry><resource><Patient><id value="p"/></Patient></resource></entry>)";
        const auto documents = parse_input(
            "record.xml", R"(<Bundle xmlns="http://hl7.org/fhir"><type value="collection"/>)" +
                              patient + entries + "</Bundle>");
        EXPECT_TRUE(documents);
        const Result<Record> record =
            record_from(documents ? *documents : std::vector<InputDocument>(),
                        json("{'patient':{'reference':'Patient/p'}}"), Instant{});
        EXPECT_TRUE(record);
        return record ? *record : Record();
    };
    const Record record = read(R"(
        <entry><resource><Procedure><id value="no"/><status value="completed"/>
        <subject><reference value="Patient/p"/></subject><notPerformed value="true"/></Procedure>
        </resource></entry><entry><resource><Goal><id value="g"/><subject>
        <reference value="Patient/p"/></subject><description value="walk"/>
        <status value="achieved"/>
        </Goal></resource></entry><entry><resource><ImagingObjectSelection><id value="i"/><patient>
        <reference value="Patient/p"/></patient></ImagingObjectSelection></resource></entry>)");
    EXPECT_EQ(reason(record, "Procedure/no"), "converted");
    EXPECT_EQ(reason(record, "Goal/g"), "converted");
    EXPECT_EQ(reason(record, "ImagingObjectSelection/i"), "other-version");
    for (const PulledResource& one : record.resources)
        if (one.source == "Procedure/no") {
            EXPECT_EQ(one.resource["status"].string(), "not-done");
        }
}

// A careless R4 has a code in the place of a concept: that says nothing of the others.
TEST_F(OlderFile, OneCarelessResourceMakesNoOlderFile) {
    const std::string subject = ",'subject':{'reference':'Patient/p'}";
    const Record record = record_of(
        entry("'resourceType':'Condition','id':'c','clinicalStatus':'active'" + subject) +
        entry("'resourceType':'CarePlan','id':'plan','status':'active','intent':'plan'" + subject));
    EXPECT_EQ(reason(record, "Condition/c"), "converted");
    EXPECT_EQ(reason(record, "CarePlan/plan"), "as it came");
}

}  // namespace
}  // namespace consultd
