// The sample consents on the sample charts: what a reader of samples/README.md is told must be so.
#include <fstream>
#include <sstream>

#include "consent_fixture.h"
#include "fhir/bundle.h"
#include "tests/support/source_folder.h"

namespace consultd::testing {
namespace {

fhir::Json sample(const std::string& path) {
    std::ifstream file(source_folder() + "/samples/" + path);
    EXPECT_TRUE(file.good()) << path;
    std::ostringstream text;
    text << file.rdbuf();
    return json(text.str());
}

std::vector<PacketResource> chart(const std::string& name) {
    std::vector<PacketResource> resources;
    const fhir::Bundle bundle = fhir::Bundle::parse(sample("patients/" + name)).value();
    for (const fhir::BundleEntry& entry : bundle.entries()) {
        // Another patient's resources do not come as far as this.
        if (entry.resource["id"].string().starts_with("decoy")) continue;
        fhir::Resource resource = fhir::Resource::from(entry.resource).value();
        resources.push_back({resource.key(), entry.full_url, std::move(resource)});
    }
    return resources;
}

Result<Consented> apply_sample(const std::string& consent_name, const std::string& chart_name,
                               const std::string& patient) {
    return apply_consent(sample("consents/" + consent_name), request(), patient, chart(chart_name),
                         now, sensitivity());
}

std::string print(const Consented& consented) {
    std::string all;
    for (const PacketResource& kept : consented.resources) all += kept.resource.json().print();
    return all;
}

TEST(SampleConsents, ShareAllLetsEverythingThrough) {
    const std::pair<const char*, const char*> stories[] = {{"melanoma", "Patient/mel-1"},
                                                           {"marrow", "Patient/marrow-1"},
                                                           {"lupus", "Patient/lupus-1"}};
    for (const auto& [story, patient] : stories) {
        const auto consented = apply_sample(std::string(story) + "-share-all.json",
                                            std::string(story) + ".json", patient);
        ASSERT_TRUE(consented.ok()) << story << ": " << consented.error().text().view();
        EXPECT_EQ(consented->resources.size(), chart(std::string(story) + ".json").size());
        for (const Change& change : consented->changes)
            EXPECT_EQ(change.rule.view(), "consent.label") << change.path;
    }
}

TEST(SampleConsents, ShareMostKeepsTheMelanomaAndNoWordOfTheRest) {
    const auto consented =
        apply_sample("melanoma-share-most.json", "melanoma.json", "Patient/mel-1");
    ASSERT_TRUE(consented.ok());
    const std::string all = print(*consented);
    for (const char* word : {"epress", "lcohol", "ertraline", "HIV", "PHQ", "F33.1", "F10.21"})
        EXPECT_EQ(all.find(word), std::string::npos) << word;
    for (const char* word : {"Malignant melanoma", "dabrafenib", "ipilimumab", "RECIST", "V600E"})
        EXPECT_NE(all.find(word), std::string::npos) << word;
    EXPECT_GT(consented->resources.size(), 280U);
}

TEST(SampleConsents, ExpiredOrForAnotherIsDenied) {
    for (const char* name : {"melanoma-expired.json", "melanoma-other-recipient.json"}) {
        const auto consented = apply_sample(name, "melanoma.json", "Patient/mel-1");
        ASSERT_FALSE(consented.ok()) << name;
        EXPECT_EQ(consented.error().kind(), ErrorKind::Denied);
    }
    EXPECT_FALSE(apply_sample("melanoma-share-all.json", "lupus.json", "Patient/lupus-1").ok());
}

TEST(SampleConsents, SinceALaterYearHoldsBackWhatIsOlder) {
    const auto consented = apply_sample("lupus-since-2022.json", "lupus.json", "Patient/lupus-1");
    ASSERT_TRUE(consented.ok());
    EXPECT_EQ(print(*consented).find("\"effectiveDateTime\":\"2021"), std::string::npos);
    EXPECT_NE(print(*consented).find("\"effectiveDateTime\":\"2026"), std::string::npos);
}

}  // namespace
}  // namespace consultd::testing
