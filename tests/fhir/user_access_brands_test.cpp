#include "fhir/user_access_brands.h"

namespace consultd::fhir {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;

constexpr std::string_view portal = "http://hl7.org/fhir/StructureDefinition/organization-portal";

std::string endpoint(std::string_view id, std::string_view address, std::string_view more = "") {
    return R"({"fullUrl":"https://v.example/Endpoint/)" + std::string(id) +
           R"(","resource":{"resourceType":"Endpoint","id":")" + std::string(id) +
           R"(","status":"active","connectionType":{"code":"hl7-fhir-rest"},"address":")" +
           std::string(address) + "\"" + std::string(more) + "}}";
}
std::string brand(std::string_view id, std::string_view name, std::string_view more) {
    return R"({"fullUrl":"https://v.example/Organization/)" + std::string(id) +
           R"(","resource":{"resourceType":"Organization","id":")" + std::string(id) +
           R"(","name":")" + std::string(name) + "\"" + std::string(more) + "}}";
}
std::string opens(std::string_view id) {
    return R"(,"endpoint":[{"reference":"Endpoint/)" + std::string(id) + R"("}])";
}
Result<UserAccessBrands> read(const std::vector<std::string>& entries,
                              const BrandLimits& limits = {}) {
    std::string text = R"({"resourceType":"Bundle","type":"collection","entry":[)";
    for (const std::string& entry : entries) text += (text.ends_with('[') ? "" : ",") + entry;
    return read_user_access_brands(text + "]}", limits);
}
auto named(std::string_view name, std::uint32_t endpoint) {
    return AllOf(Field(&Brand::name, name), Field(&Brand::endpoint, endpoint));
}

TEST(UserAccessBrandsTest, ABrandHasItsNamesItsPlacesAndTheSignInOfItsPortal) {
    const auto read_back = read({
        brand("a", "Quillhaven Hospital",
              R"(,"alias":["Old Mill Clinic"],"address":[{"city":"Quillhaven","state":"ME",)"
              R"("postalCode":"04001"}],"extension":[{"url":")" +
                  std::string(portal) +
                  R"(","extension":[{"url":"portalName","valueString":"MyQuill"},)"
                  R"({"url":"portalEndpoint","valueReference":{"reference":"Endpoint/e"}}]}])" +
                  opens("e")),
        endpoint("e", "https://fhir.quill.example/r4/"),
    });
    ASSERT_TRUE(read_back.ok());
    ASSERT_EQ(read_back->brands.size(), 1u) << "the portal's endpoint is also the brand's";
    const Brand& one = read_back->brands[0];
    EXPECT_EQ(one.name, "Quillhaven Hospital");
    EXPECT_EQ(one.portal, "MyQuill");
    EXPECT_THAT(one.aliases, ElementsAre("Old Mill Clinic"));
    EXPECT_EQ(one.places.at(0).town, "Quillhaven");
    EXPECT_EQ(one.places.at(0).state, "ME");
    EXPECT_EQ(one.places.at(0).postal_code, "04001");
    EXPECT_EQ(one.provider, "");
    EXPECT_EQ(read_back->endpoints.at(0).base.text(), "https://fhir.quill.example/r4/");
}

// Many clinics share the sign-in of the system that they belong to.
TEST(UserAccessBrandsTest, AClinicIsOpenedByTheBrandItIsPartOf) {
    const auto read_back = read({
        brand("clinic", "Harbor Eye Clinic",
              R"(,"partOf":{"reference":"https://v.example/Organization/system"})"),
        brand("system", "Quillhaven Health", opens("e")),
        endpoint("e", "https://fhir.quill.example/r4"),
    });
    ASSERT_TRUE(read_back.ok());
    EXPECT_THAT(read_back->brands,
                ElementsAre(named("Harbor Eye Clinic", 0), named("Quillhaven Health", 0)));
    EXPECT_EQ(read_back->brands[0].provider, "Quillhaven Health");
    EXPECT_EQ(read_back->endpoints.at(0).name, "Quillhaven Health");
}

TEST(UserAccessBrandsTest, BrandsThatArePartOfEachOtherOpenNothingAndEnd) {
    const auto read_back = read({brand("a", "A", R"(,"partOf":{"reference":"Organization/b"})"),
                                 brand("b", "B", R"(,"partOf":{"reference":"Organization/a"})"),
                                 brand("c", "C", R"(,"partOf":{"reference":"Organization/c"})")});
    ASSERT_TRUE(read_back.ok());
    EXPECT_THAT(read_back->brands, IsEmpty());
    EXPECT_EQ(read_back->left_out.brands, 3u);
}

TEST(UserAccessBrandsTest, OneBaseIsOneEndpointHoweverItIsWritten) {
    const auto read_back = read({brand("a", "A", opens("1")), brand("b", "B", opens("2")),
                                 endpoint("1", "https://fhir.example/r4"),
                                 endpoint("2", "HTTPS://FHIR.example:443/r4/")});
    ASSERT_TRUE(read_back.ok());
    EXPECT_THAT(read_back->brands, ElementsAre(named("A", 0), named("B", 0)));
    EXPECT_EQ(read_back->endpoints.size(), 1u);
}

TEST(UserAccessBrandsTest, AnEndpointThatNoBrandOpensIsFoundByItsOwnName) {
    const auto read_back = read({endpoint("e", "https://fhir.example/r4", R"(,"name":"Lone")"),
                                 endpoint("f", "https://f.example/r4")});
    ASSERT_TRUE(read_back.ok());
    EXPECT_THAT(read_back->brands, ElementsAre(named("Lone", 0)));
}

// A list that anybody may have written must not make us call into a network of our own.
TEST(UserAccessBrandsTest, NothingIsTakenThatIsNotHttpsOrLiesInAPrivateNetwork) {
    std::vector<std::string> entries;
    for (const char* address :
         {"http://fhir.example/r4", "ftp://fhir.example", "not a url", "https://u:p@h.example/r4",
          "https://h.example/r4?tenant=1", "https://localhost/r4", "https://127.0.0.1/r4",
          "https://10.1.2.3/r4", "https://169.254.169.254/latest", "https://[::1]/r4",
          "https://[fe80::1]/r4", "https://8.8.8.8/r4", "https://intranet/r4",
          "https://ehr.local/r4", "https://ehr.internal/r4", "https://2130706433/r4"}) {
        const std::string id = std::to_string(entries.size());
        entries.push_back(endpoint(id, address, R"(,"name":"n")"));
    }
    const auto read_back = read(entries);
    ASSERT_TRUE(read_back.ok());
    EXPECT_THAT(read_back->endpoints, IsEmpty());
    EXPECT_THAT(read_back->brands, IsEmpty());
    EXPECT_EQ(read_back->left_out.not_https + read_back->left_out.is_private, entries.size());
}

TEST(UserAccessBrandsTest, APrivateNetworkOfOnesOwnMayBeListedAndStillNothingGoesInClearOverIt) {
    const auto read_back = read({endpoint("1", "https://10.1.2.3/r4", R"(,"name":"One")"),
                                 endpoint("2", "http://127.0.0.1:8080/r4", R"(,"name":"Two")"),
                                 endpoint("3", "http://10.1.2.3/r4", R"(,"name":"Three")")},
                                {.takes_private = true});
    ASSERT_TRUE(read_back.ok());
    EXPECT_THAT(read_back->brands, ElementsAre(named("One", 0), named("Two", 1)));
}

TEST(UserAccessBrandsTest, OlderReleasesAndWhatIsNotInUseAreLeftOut) {
    const auto version = [](std::string_view code) {
        return R"(,"name":"n","extension":[{"url":"http://hl7.org/fhir/StructureDefinition/)"
               R"(endpoint-fhir-version","valueCode":")" +
               std::string(code) + R"("}])";
    };
    const std::string off =
        R"({"resource":{"resourceType":"Endpoint","id":"3","status":"off","name":"n",)"
        R"("address":"https://a.example/off"}})";
    const auto read_back = read({endpoint("1", "https://a.example/dstu2", version("1.0.2")),
                                 endpoint("2", "https://a.example/r4", version("4.0.1")), off});
    ASSERT_TRUE(read_back.ok());
    EXPECT_THAT(read_back->brands, ElementsAre(named("n", 0)));
    EXPECT_EQ(read_back->endpoints.at(0).base.text(), "https://a.example/r4");
    EXPECT_EQ(read_back->left_out.other_release, 1u);
    EXPECT_EQ(read_back->left_out.not_in_use, 1u);
}

TEST(UserAccessBrandsTest, NamesAreOneLineOfWhatPeopleSee) {
    EXPECT_EQ(one_line_of(" St.\n Mary\u2019s \t Hospital ", 200), "St. Mary\u2019s Hospital");
    EXPECT_EQ(one_line_of("gro\u202Elatipsoh\u202C.example\u200B", 200), "grolatipsoh.example");
    EXPECT_EQ(one_line_of("A\u0007B\u009FC\u2066D\u2069", 200), "ABCD");
    EXPECT_EQ(one_line_of("Z\u0300\u0301\u0302\u0303\u0304\u0305", 200), "Z\u0300\u0301\u0302");
    EXPECT_EQ(one_line_of("Kl\u00EDnik \u05D1\u05D9\u05EA", 200), "Kl\u00EDnik \u05D1\u05D9\u05EA");
    EXPECT_EQ(one_line_of(std::string(500, 'a'), 200).size(), 200u);
}

TEST(UserAccessBrandsTest, WhatIsNoBundleOrTooMuchIsRefusedWhole) {
    EXPECT_EQ(read_user_access_brands("[]").error().kind(), ErrorKind::Malformed);
    EXPECT_EQ(read_user_access_brands(R"({"resourceType":"List"})").error().kind(),
              ErrorKind::Malformed);
    EXPECT_FALSE(read_user_access_brands(R"({"resourceType":"Bundle")").ok());
    const std::string many(1000, ' ');
    EXPECT_FALSE(read_user_access_brands(many, {.bytes_max = 999}).ok());
    EXPECT_EQ(read({endpoint("1", "https://a.example"), endpoint("2", "https://b.example")},
                   {.entries_max = 1})
                  .error()
                  .kind(),
              ErrorKind::TooLarge);
}

}  // namespace
}  // namespace consultd::fhir
