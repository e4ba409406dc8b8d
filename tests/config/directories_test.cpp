#include "config/directories.h"

#include <gmock/gmock.h>

#include "config_folder.h"

namespace consultd::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class DirectoriesTest : public ConfigTest {
protected:
    DirectoriesTest() {
        write("list.json", R"({"resourceType": "Bundle", "type": "collection", "entry": [
          {"resource": {"resourceType": "Organization", "id": "o", "name": "Quillhaven Hospital",
            "endpoint": [{"reference": "Endpoint/e"}]}},
          {"resource": {"resourceType": "Endpoint", "id": "e",
            "address": "https://fhir.quill.example/r4"}},
          {"resource": {"resourceType": "Endpoint", "id": "f", "name": "Ours",
            "address": "https://10.0.0.7/r4"}}]})");
    }
    // `whole`, with a list that has these settings.
    static std::string listing(const std::string& settings) {
        std::string text = with("{", R"({"listen": {"publicUrl": "https://c.example"},
          "directories": {"vendor": {)" + settings +
                                         "}},");
        const std::string center = R"("name": "Cancer Center",)";
        return text.insert(text.find(center) + center.size(),
                           R"("organization": {"system": "urn:npi", "value": "1"},)");
    }
    const std::string auth = R"("auth": {"type": "smart-patient", "clientId": "us"})";
};

TEST_F(DirectoriesTest, WhatAListHasIsASourceUnderTheKeyOfItsAddress) {
    const Loaded loaded = load_text(listing(
        R"("file": "list.json", "pull": {"pageSize": 50}, "tls": {"caFile": "ca.pem"},)" + auth));
    ASSERT_TRUE(loaded.config) << loaded.problems.at(0).path << loaded.problems.at(0).text;
    const auto base = fhir::Url::parse("https://fhir.quill.example/r4");
    const auto source = loaded.config->source(source_key_of(*base));
    ASSERT_TRUE(source);
    EXPECT_EQ(source->name, "Quillhaven Hospital");
    EXPECT_EQ(source->fhir_base_url.text(), base->text());
    EXPECT_EQ(source->auth.type, Auth::Type::SmartPatient);
    EXPECT_EQ(source->auth.client_id, "us");
    EXPECT_EQ(source->tls.ca_file, folder + "/ca.pem");
    EXPECT_EQ(source->pull.page_size, 50u);
    EXPECT_TRUE(loaded.config->source("general")) << "and those of the configuration stay";
    EXPECT_FALSE(loaded.config->source(source_key_of(*fhir::Url::parse("https://10.0.0.7/r4"))));
}

TEST_F(DirectoriesTest, AddressesOfANetworkOfOnesOwnAreTakenWhereTheConfigurationSaysSo) {
    const Loaded loaded =
        load_text(listing(R"("file": "list.json", "privateAddresses": true,)" + auth));
    ASSERT_TRUE(loaded.config);
    EXPECT_TRUE(loaded.config->source(source_key_of(*fhir::Url::parse("https://10.0.0.7/r4"))));
}

TEST_F(DirectoriesTest, AListThatCannotBeReadStopsTheStart) {
    write("cut.json", R"({"resourceType": "Bundle", "entry": [)");
    EXPECT_THAT(problems(listing(R"("file": "none.json",)" + auth)),
                ElementsAre(HasSubstr("there is no such file")));
    EXPECT_THAT(problems(listing(R"("file": "cut.json",)" + auth)),
                ElementsAre(StartsWith("/directories/vendor/file ")));
    EXPECT_THAT(problems(listing(R"("file": "consultd.json",)" + auth)),
                ElementsAre(HasSubstr("no FHIR Bundle")));
}

TEST_F(DirectoriesTest, ItIsOpenedByItsPatientsOwnSignInAlone) {
    EXPECT_THAT(problems(listing(R"("file": "list.json", "auth": {"type": "none"})")),
                ElementsAre("/directories/vendor/auth/type must be \"smart-patient\": its patients "
                            "sign in themselves"));
    EXPECT_THAT(problems(listing(R"("file": "list.json", "auth": {"type": "smart-patient"})")),
                ElementsAre(StartsWith("/directories/vendor/auth/clientId is missing")));
    const std::string dynamic = R"("type": "smart-patient", "registration": "dynamic")";
    EXPECT_THAT(problems(listing(R"("file": "list.json", "auth": {)" + dynamic + "}")),
                ElementsAre());
    EXPECT_THAT(
        problems(listing(R"("file": "list.json", "auth": {)" + dynamic + R"(, "clientId": "us"})")),
        ElementsAre(StartsWith("/directories/vendor/auth has a client of its own")));
}

}  // namespace
}  // namespace consultd::config
