// Whoever permits less sends no more: a permit that is narrowed by type, time, purpose, action or
// confidentiality, which name no matter, beside the wide one on the same record.
#include <random>
#include <set>

#include "signs_fixture.h"

namespace consultd::testing {
namespace {

const std::vector<std::string> record = {
    named("HIV infection"),
    R"({"resourceType":"Condition","id":"c2","code":{"text":"Alcohol dependence"},"recordedDate":"2021-05-05"})",
    R"({"resourceType":"Condition","id":"c3","code":{"text":"Knee pain"},"recordedDate":"2020-05-05"})",
    R"({"resourceType":"Condition","id":"c4","code":{"text":"Gonarthrosis"},"note":[{"text":"Victim of domestic violence"}]})",
    R"({"resourceType":"Condition","id":"c5","code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"O04.80"}]},"recordedDate":"2022"})",
    R"({"resourceType":"Condition","id":"c6","meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"SUD"}]},"code":{"text":"Hepatitis"}})",
    R"({"resourceType":"MedicationRequest","id":"m1","status":"active","intent":"order","authoredOn":"2022-01-01","medicationCodeableConcept":{"text":"Biktarvy"},"reasonReference":[{"reference":"Condition/c1"}]})",
    R"({"resourceType":"MedicationRequest","id":"m3","status":"active","intent":"order","authoredOn":"2022-01-01","medicationCodeableConcept":{"text":"Tablet A"},"reasonReference":[{"reference":"Condition/c1"}]})",
    R"({"resourceType":"MedicationRequest","id":"m2","status":"active","intent":"order","authoredOn":"2020-01-01","medicationCodeableConcept":{"text":"Ibuprofen"},"reasonReference":[{"reference":"Condition/c3"}]})",
    R"({"resourceType":"Observation","id":"o1","status":"final","code":{"text":"HIV viral load"},"effectiveDateTime":"2022-02-02"})",
    R"({"resourceType":"Observation","id":"o2","status":"final","code":{"text":"Potassium"},"effectiveDateTime":"2020-02-02","encounter":{"reference":"Encounter/e1"}})",
    R"({"resourceType":"Encounter","id":"e1","status":"finished","class":{"code":"AMB"},"period":{"start":"2020-02-02"},"serviceProvider":{"display":"Methadone clinic"}})",
    R"({"resourceType":"DiagnosticReport","id":"r1","status":"final","code":{"text":"Report"},"effectiveDateTime":"2022-02-02","result":[{"reference":"Observation/o1"},{"reference":"Observation/o2"}]})",
    R"({"resourceType":"List","id":"l1","status":"current","mode":"working","title":"Problems","entry":[{"item":{"reference":"Condition/c1"}},{"item":{"reference":"Condition/c3"}}]})"};

class NarrowTest : public ConsentTest {
protected:
    std::set<std::string> going(const std::string& provision) {
        std::set<std::string> sources;
        for (const PacketResource& one : apply(consent(provision), record).resources)
            sources.insert(one.source);
        return sources;
    }
    std::string some_fields() {
        const std::string fields[] = {
            R"("class":[{"system":"http://hl7.org/fhir/resource-types","code":"Condition"},{"system":"http://hl7.org/fhir/resource-types","code":"MedicationRequest"}])",
            class_of("Observation"),
            R"("dataPeriod":{"start":"2020-01-01","end":"2021-12-31"})",
            R"("dataPeriod":{"start":"2000-01-01"})",
            R"("purpose":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"TREAT"}])",
            R"("action":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentaction","code":"disclose"}]}])",
            R"("securityLabel":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"}])",
            R"("code":[{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"M17.1"}]}])",
            actor_is_us};
        std::string some;
        std::set<std::string> names;
        for (const std::string& one : fields) {
            const std::string name = one.substr(0, one.find(':'));
            if (random_() % 3 == 0 && names.insert(name).second) some += "," + one;
        }
        return some;
    }
    std::mt19937 random_{20261127};
};

TEST_F(NarrowTest, ANarrowerPermitNeverSendsMore) {
    const std::set<std::string> wide = going(R"({"type":"permit"})");
    EXPECT_TRUE(wide.contains("Condition/c3"));
    EXPECT_FALSE(wide.contains("Condition/c1"));
    for (int round = 0; round < 150; ++round) {
        const std::string narrow = R"({"type":"permit")" + some_fields() + "}";
        for (const std::string& provision :
             {narrow, R"({"type":"permit","provision":[)" + narrow + "]}",
              R"({"type":"deny","provision":[)" + narrow + R"(,{"type":"permit",)" +
                  class_of("Patient") + "}]}",
              R"({"type":"permit","provision":[)" + narrow + "," + R"({"type":"permit")" +
                  some_fields() + "}]}"})
            for (const std::string& source : going(provision))
                EXPECT_TRUE(wide.contains(source)) << source << " by " << provision;
    }
}

}  // namespace
}  // namespace consultd::testing
