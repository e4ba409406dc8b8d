// What is planned, ordered and agreed on, of STU3 and DSTU2: whole in R4, or not at all.
#include <gtest/gtest.h>

#include <algorithm>

#include "adapter/stages/intake/older_release.h"

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
void expect(Release from, const std::string& resource, const std::string& r4) {
    const std::optional<Json> out = to_r4(json("{'resourceType':" + resource + "}"), from);
    EXPECT_EQ(out ? out->print_canonical() : "rejected",
              r4 == "rejected" ? r4 : json("{'resourceType':" + r4 + "}").print_canonical())
        << resource;
}
void expect_stu3(const std::string& resource, const std::string& r4) {
    expect(Release::Stu3, resource, r4);
}
void expect_dstu2(const std::string& resource, const std::string& r4) {
    expect(Release::Dstu2, resource, r4);
}

TEST(OlderOrders, WhatMustNotBeDoneIsNeverPlanned) {
    expect_stu3(
        "'CarePlan','status':'active','intent':'plan','activity':[{'detail':"
        "{'status':'cancelled','prohibited':true,'statusReason':'bleeds'}}]",
        "'CarePlan','status':'active','intent':'plan','activity':[{'detail':"
        "{'status':'cancelled','doNotPerform':true,'statusReason':{'text':'bleeds'}}}]");
    expect_stu3("'ProcedureRequest','status':'active','intent':'order','doNotPerform':true",
                "'ServiceRequest','status':'active','intent':'order','doNotPerform':true");
    expect_stu3(
        "'MedicationAdministration','status':'completed','notGiven':true,"
        "'reasonNotGiven':[{'text':'nausea'}]",
        "'MedicationAdministration','status':'not-done','statusReason':[{'text':'nausea'}]");
    expect_dstu2("'MedicationAdministration','status':'completed','wasNotGiven':true",
                 "'MedicationAdministration','status':'not-done'");
    expect_stu3("'MedicationDispense','status':'completed','notDone':true",
                "'MedicationDispense','status':'declined'");
    expect_stu3("'FamilyMemberHistory','status':'partial','notDone':true", "rejected");
}

TEST(OlderOrders, AnOrderThatWasNotTakenUpIsNotActive) {
    for (const char* status : {"rejected", "aborted"})
        expect_dstu2("'ProcedureRequest','status':'" + std::string(status) + "'",
                     "'ServiceRequest','status':'revoked','intent':'order'");
    expect_dstu2("'DiagnosticOrder','status':'failed'",
                 "'ServiceRequest','status':'revoked','intent':'order'");
    expect_dstu2("'ReferralRequest','status':'rejected'",
                 "'ServiceRequest','status':'revoked','intent':'order'");
    expect_dstu2("'ProcedureRequest','status':'proposed'",
                 "'ServiceRequest','status':'draft','intent':'proposal'");
    expect_stu3("'DeviceRequest','status':'cancelled','intent':{'coding':[{'code':'order'}]}",
                "'DeviceRequest','status':'revoked','intent':'order'");
    expect_stu3("'DeviceRequest','status':'active','intent':{'text':'an order'}", "rejected");
}

TEST(OlderOrders, AGoalKeepsHowFarItCame) {
    const std::string r4 = "http://terminology.hl7.org/CodeSystem/goal-achievement";
    const auto is = [](const std::string& life, const std::string& system,
                       const std::string& code) {
        return "'Goal','lifecycleStatus':'" + life +
               "','achievementStatus':{'coding':[{'system':'" + system + "','code':'" + code +
               "'}]}";
    };
    expect_stu3("'Goal','status':'achieved'", is("completed", r4, "achieved"));
    expect_stu3("'Goal','status':'sustaining'", is("active", r4, "sustaining"));
    expect_stu3("'Goal','status':'behind-target'",
                is("active", "http://hl7.org/fhir/goal-status", "behind-target"));
    expect_stu3("'Goal','status':'rejected'", "'Goal','lifecycleStatus':'rejected'");
    expect_stu3("'Goal','status':'a-vendors-own'", "rejected");
    expect_dstu2(
        "'Goal','description':'walk 1.0 km','status':'cancelled','targetDate':'2016-02',"
        "'statusReason':{'text':'pain'},'author':{'reference':'Patient/1'},"
        "'outcome':[{'resultCodeableConcept':{'text':'0.50 km'}}]",
        "'Goal','description':{'text':'walk 1.0 km'},'lifecycleStatus':'cancelled',"
        "'statusReason':'pain','expressedBy':{'reference':'Patient/1'},"
        "'target':[{'dueDate':'2016-02'}],'outcomeCode':[{'text':'0.50 km'}]");
}

TEST(OlderOrders, APlanSaysWhatItReplaces) {
    expect_dstu2(
        "'CarePlan','status':'proposed','context':{'reference':'Encounter/1'},"
        "'relatedPlan':[{'code':'replaces','plan':{'reference':'CarePlan/1'}},"
        "{'code':'fulfills','plan':{'reference':'CarePlan/2'}}],'note':{'text':'x'}",
        "'CarePlan','status':'draft','intent':'proposal',"
        "'encounter':{'reference':'Encounter/1'},"
        "'replaces':[{'reference':'CarePlan/1'}],'basedOn':[{'reference':'CarePlan/2'}],"
        "'note':[{'text':'x'}]");
    expect_dstu2("'CarePlan','relatedPlan':[{'plan':{'reference':'CarePlan/1'}}]", "rejected");
    expect_stu3("'CarePlan','author':[{'reference':'Practitioner/1'},{'reference':'x'}]",
                "rejected");
}

TEST(OlderOrders, AReferralAsksForWhatItAskedFor) {
    expect_stu3(
        "'ReferralRequest','status':'active','intent':'order','type':{'text':'opinion'},"
        "'serviceRequested':[{'text':'histology'}],'specialty':{'text':'oncology'},"
        "'recipient':[{'reference':'Organization/1'}],'description':'please'",
        "'ServiceRequest','status':'active','intent':'order','code':{'text':'opinion'},"
        "'orderDetail':[{'text':'histology'}],'performerType':{'text':'oncology'},"
        "'performer':[{'reference':'Organization/1'}],'note':[{'text':'please'}]");
    expect_dstu2(
        "'ReferralRequest','status':'requested','date':'2015-01-02',"
        "'patient':{'reference':'Patient/1'},'serviceRequested':[{'text':'MRI'}],"
        "'priority':{'coding':[{'code':'urgent'}]},'reason':{'text':'mass'}",
        "'ServiceRequest','status':'active','intent':'order','authoredOn':'2015-01-02',"
        "'subject':{'reference':'Patient/1'},'code':{'text':'MRI'},'priority':'urgent',"
        "'reasonCode':[{'text':'mass'}]");
}

TEST(OlderOrders, AnOrderOfOneThingIsThatThings) {
    expect_dstu2(
        "'DiagnosticOrder','status':'completed','subject':{'reference':'Patient/1'},"
        "'item':[{'code':{'text':'HbA1c'}}],"
        "'event':[{'status':'requested','dateTime':'2014-03-02'}],"
        "'orderer':{'reference':'Practitioner/1'}",
        "'ServiceRequest','status':'completed','intent':'order',"
        "'subject':{'reference':'Patient/1'},'code':{'text':'HbA1c'},"
        "'authoredOn':'2014-03-02','requester':{'reference':'Practitioner/1'}");
    for (const char* more : {"'item':[{'code':{'text':'a'}},{'code':{'text':'b'}}]",
                             "'item':[{'code':{'text':'a'},'status':'failed'}]",
                             "'event':[{'status':'failed','dateTime':'2014'}]"})
        expect_dstu2("'DiagnosticOrder','status':'completed'," + std::string(more), "rejected");
    expect_dstu2(
        "'DeviceUseRequest','status':'accepted','device':{'reference':'Device/1'},"
        "'notes':['a','b'],'timingTiming':{'repeat':{'period':1.50,'periodUnits':'d',"
        "'when':'AC'}}",
        "'DeviceRequest','status':'active','intent':'order',"
        "'codeReference':{'reference':'Device/1'},'note':[{'text':'a'},{'text':'b'}],"
        "'occurrenceTiming':{'repeat':{'period':1.50,'periodUnit':'d','when':['AC']}}");
    expect_stu3(
        "'DeviceUseStatement','status':'active','whenUsed':{'start':'2017'},"
        "'indication':[{'text':'apnoea'}]",
        "'DeviceUseStatement','status':'active','timingPeriod':{'start':'2017'},"
        "'reasonCode':[{'text':'apnoea'}]");
}

TEST(OlderOrders, AnImageIsFoundByTheNamesThatDicomGaveIt) {
    expect_stu3(
        "'ImagingStudy','patient':{'reference':'Patient/1'},'uid':'urn:oid:1.2.3',"
        "'accession':{'value':'A7'},'availability':'ONLINE','modalityList':[{'code':'MR'}],"
        "'series':[{'uid':'urn:oid:1.2.3.4','modality':{'code':'MR'},'instance':"
        "[{'uid':'urn:oid:1.2.3.4.5','sopClass':'urn:oid:1.2.840.1'}]}]",
        "'ImagingStudy','subject':{'reference':'Patient/1'},'status':'unknown',"
        "'identifier':[{'system':'urn:dicom:uid','value':'urn:oid:1.2.3'},{'value':'A7',"
        "'type':{'coding':[{'system':'http://terminology.hl7.org/CodeSystem/v2-0203',"
        "'code':'ACSN'}]}}],'modality':[{'code':'MR'}],'series':[{'uid':'1.2.3.4',"
        "'modality':{'code':'MR'},'instance':[{'uid':'1.2.3.4.5','sopClass':"
        "{'system':'urn:ietf:rfc:3986','code':'urn:oid:1.2.840.1'}}]}]");
}

TEST(OlderOrders, ADoseThatDoesNotCountIsNotCounted) {
    const std::string protocol =
        "'Immunization','status':'completed','vaccinationProtocol':[{"
        "'doseSequence':2,'series':'HBV','doseStatus':{'coding':[{'code':'";
    expect_stu3(protocol + "count'}]}}]",
                "'Immunization','status':'completed','protocolApplied':"
                "[{'series':'HBV','doseNumberPositiveInt':2}]");
    expect_stu3(protocol + "nocount'}]}}]", "rejected");
    expect_stu3("'Immunization','status':'completed','vaccinationProtocol':[{'series':'HBV'}]",
                "'Immunization','status':'completed','protocolApplied':"
                "[{'series':'HBV','doseNumberString':'unknown'}]");
}

}  // namespace
}  // namespace consultd
