#include "fhir/bundle.h"

#include <gtest/gtest.h>

namespace consultd::fhir {
namespace {

Result<Bundle> bundle(const std::string& text) { return Bundle::parse(*Json::parse(text)); }

// A searchset with `members` besides its type.
Result<Bundle> searchset(const std::string& members) {
    return bundle(R"({"resourceType":"Bundle","type":"searchset",)" + members + "}");
}

TEST(BundleTest, ASearchPageIsReadWhole) {
    const auto page = searchset(R"(
        "total":2,
        "link":[{"relation":"self","url":"http://h/P"},{"relation":"next","url":"http://h/P?p=2"}],
        "entry":[
          {"fullUrl":"http://h/Patient/1","resource":{"resourceType":"Patient","id":"1"},
           "search":{"mode":"match"}},
          {"resource":{"resourceType":"OperationOutcome"},"search":{"mode":"outcome"}}])");
    ASSERT_TRUE(page.ok());
    ASSERT_EQ(page->entries().size(), 2U);
    EXPECT_EQ(page->entries()[0].full_url, "http://h/Patient/1");
    EXPECT_EQ(page->entries()[0].search_mode, "match");
    EXPECT_EQ(page->entries()[0].resource["id"].string(), "1");
    EXPECT_EQ(page->entries()[1].search_mode, "outcome");
    EXPECT_EQ(page->link("next"), "http://h/P?p=2");
    EXPECT_EQ(page->link("previous"), std::nullopt);
    EXPECT_EQ(page->total(), 2);
}

// Half of a record was lost with a link that a server wrote in its own way.
TEST(BundleTest, ALinkIsFoundInWhateverCaseItsRelationIs) {
    const auto page = searchset(R"("link":[{"relation":"Next","url":"http://h/P?p=2"}])");
    ASSERT_TRUE(page.ok());
    EXPECT_EQ(page->link("next"), "http://h/P?p=2");
    EXPECT_EQ(page->link("self"), std::nullopt);
}

TEST(BundleTest, AResponseKeepsStatusAndLocation) {
    const auto response = bundle(R"({"resourceType":"Bundle","type":"transaction-response","entry":
        [{"response":{"status":"201 Created","location":"Patient/1/_history/1"}}]})");
    ASSERT_TRUE(response.ok());
    EXPECT_EQ(response->type(), BundleType::TransactionResponse);
    EXPECT_EQ(response->entries()[0].response_status, "201 Created");
    EXPECT_EQ(response->entries()[0].response_location, "Patient/1/_history/1");
    EXPECT_TRUE(response->entries()[0].resource.is_null());
}

TEST(BundleTest, AnEntryOutlivesItsPage) {
    std::vector<BundleEntry> kept;
    {
        const auto page = searchset(
            R"("entry":[{"resource":{"resourceType":"Patient","id":"a-long-enough-id-to-matter"}}])");
        kept = page->entries();
    }
    EXPECT_EQ(kept[0].resource["id"].string(), "a-long-enough-id-to-matter");
}

TEST(BundleTest, AnEmptyPageIsAPage) {
    const auto page = searchset(R"("total":0)");
    ASSERT_TRUE(page.ok());
    EXPECT_TRUE(page->entries().empty());
}

// A page that is read in part would lose resources without a word.
TEST(BundleTest, APageWithAPartThatCannotBeReadIsMalformed) {
    for (const char* members :
         {R"("entry":{})", R"("entry":"x")", R"("entry":[1])", R"("entry":[null])",
          R"("entry":[{"resource":[]}])", R"("entry":[{"fullUrl":7}])",
          R"("entry":[{"search":{"mode":1}}])", R"("entry":[{"response":{"status":201}}])",
          R"("link":{})", R"("link":[{"relation":"next"}])",
          R"("link":[{"relation":"next","url":null}])", R"("link":[{"url":"http://h"}])",
          R"("link":["next"])"}) {
        const auto page = searchset(members);
        ASSERT_FALSE(page.ok()) << members;
        EXPECT_EQ(page.error().kind(), ErrorKind::Malformed);
    }
}

TEST(BundleTest, AnotherThingIsNoBundle) {
    EXPECT_FALSE(bundle(R"({"resourceType":"Patient"})").ok());
    EXPECT_FALSE(bundle(R"({"resourceType":"Bundle"})").ok());
    EXPECT_FALSE(bundle(R"({"resourceType":"Bundle","type":"subscription-notification"})").ok());
    EXPECT_FALSE(bundle("[]").ok());
    const Json history = *Json::parse(R"({"resourceType":"Bundle","type":"history"})");
    EXPECT_TRUE(Bundle::parse(history, BundleType::History).ok());
    EXPECT_FALSE(Bundle::parse(history, BundleType::Searchset).ok());
}

TEST(BundleTest, ALyingTotalIsNoNumber) {
    for (const char* total : {"-1", "2.0", "1e3", R"("5")", "99999999999999999999"})
        EXPECT_EQ(searchset(std::string(R"("total":)") + total)->total(), std::nullopt) << total;
}

}  // namespace
}  // namespace consultd::fhir
