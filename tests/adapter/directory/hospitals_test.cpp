#include "adapter/directory/hospitals.h"

#include "config/directories.h"

namespace consultd {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::SizeIs;

constexpr std::string_view bundle = R"({"resourceType":"Bundle","type":"collection","entry":[
  {"resource":{"resourceType":"Organization","id":"system","name":"Quillhaven Health",
    "address":[{"city":"Quillhaven","state":"ME"}],"endpoint":[{"reference":"Endpoint/q"}]}},
  {"resource":{"resourceType":"Organization","id":"eye","name":"Harbor Eye Clinic",
    "partOf":{"reference":"Organization/system"},
    "address":[{"city":"Harbor","state":"ME"},{"city":"Ridge","state":"ME"},{"city":"Mill"}]}},
  {"resource":{"resourceType":"Organization","id":"general","name":"The General",
    "endpoint":[{"reference":"Endpoint/g"}]}},
  {"resource":{"resourceType":"Endpoint","id":"q","address":"https://fhir.quill.example/r4/"}},
  {"resource":{"resourceType":"Endpoint","id":"g","address":"https://ehr.general.example/r4"}}]})";

class HospitalsTest : public ::testing::Test {
protected:
    HospitalsTest() {
        config::Source source{.key = "general", .name = "General Hospital"};
        source.fhir_base_url = fhir::Url::parse("https://ehr.general.example/r4/").value();
        source.auth = {.type = config::Auth::Type::SmartPatient, .client_id = "us"};
        config_.sources.emplace("general", source);
        source.name = "Backend General Hospital";
        source.auth.type = config::Auth::Type::SmartBackend;
        config_.sources.emplace("backend", source);
        list("vendor");
    }
    void list(const std::string& name) {
        config::Directory directory{.key = name};
        directory.auth = {.type = config::Auth::Type::SmartPatient, .client_id = "us-" + name};
        fhir::UserAccessBrands brands = fhir::read_user_access_brands(std::string(bundle)).value();
        config::take_brands(directory, std::move(brands));
        config_.directories.emplace(name, std::move(directory));
    }
    config::Config config_;
};

TEST_F(HospitalsTest, AClinicIsFoundWithWhoseSignInItIsWhereItIsAndAtWhichHost) {
    const std::vector<Hospital> found = Hospitals(config_).find("harbor eye", 10);
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_EQ(found[0].name, "Harbor Eye Clinic");
    EXPECT_EQ(found[0].provider, "Quillhaven Health");
    EXPECT_EQ(found[0].towns, "Harbor, ME; Ridge, ME; …");
    EXPECT_EQ(found[0].host, "fhir.quill.example");
    const auto source = config_.source(found[0].source);
    ASSERT_TRUE(source);
    EXPECT_EQ(source->name, "Quillhaven Health") << "all clinics of one sign-in are one source";
    EXPECT_EQ(source->key, found[0].source);
    EXPECT_EQ(source->fhir_base_url.text(), "https://fhir.quill.example/r4/");
    EXPECT_EQ(source->auth.client_id, "us-vendor");
}

// What the operator has set for one institution holds, whatever a list says of its address.
TEST_F(HospitalsTest, ASourceOfTheConfigurationIsItselfAlsoByANameThatAListHas) {
    const Hospitals hospitals(config_);
    EXPECT_THAT(
        hospitals.find("the general", 10),
        ElementsAre(
            AllOf(Field(&Hospital::name, "General Hospital"), Field(&Hospital::source, "general")),
            AllOf(Field(&Hospital::name, "The General"), Field(&Hospital::source, "general"))));
    EXPECT_THAT(hospitals.configured(10), ElementsAre(Field(&Hospital::source, "general")))
        << "no patient signs in at the other one";
}

TEST_F(HospitalsTest, TheSameOfTwoListsIsOneAndTheFirstListOpensIt) {
    list("another");
    const std::vector<Hospital> found = Hospitals(config_).find("harbor eye", 10);
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_EQ(config_.source(found[0].source)->auth.client_id, "us-another");
}

// A transfer carries the key: it must lead to the same place after a restart with a newer list.
TEST_F(HospitalsTest, TheKeyFollowsFromTheAddressAloneHoweverItIsWritten) {
    const auto key = [](const char* address) {
        return config::source_key_of(fhir::Url::parse(address).value());
    };
    EXPECT_EQ(key("https://fhir.quill.example/r4"), "at-57bc880a3d931d0ca485");
    EXPECT_EQ(key("HTTPS://FHIR.quill.example:443/r4//"), key("https://fhir.quill.example/r4"));
    EXPECT_NE(key("https://fhir.quill.example/R4"), key("https://fhir.quill.example/r4"));
    EXPECT_FALSE(config_.source("at-00000000000000000000"));
}

}  // namespace
}  // namespace consultd
