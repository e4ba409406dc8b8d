#include "samples/sandbox/load.h"

#include <cstdlib>
#include <filesystem>

#include "samples/sandbox/references.h"
#include "tests/sandbox/fixtures.h"

namespace consultd::sandbox {
namespace {

TEST(LoadTest, NdjsonAndSingleResourcesKeepTheirIds) {
    Store store;
    const auto count = load_text(
        store, testing::patient("a").print() + "\n\n" + testing::patient("b").print() + "\n",
        Instant());
    ASSERT_TRUE(count) << count.error().message();
    EXPECT_EQ(*count, 2U);
    EXPECT_NE(store.find_alive("Patient/b"), nullptr);
    EXPECT_TRUE(load_text(store, testing::patient("c").print_pretty(), Instant()));
    EXPECT_NE(store.find_alive("Patient/c"), nullptr);
}

TEST(LoadTest, WhatIsNoFhirIsRefused) {
    Store store;
    EXPECT_FALSE(load_text(store, "{\"resourceType\":\"Basket\"}", Instant()));
    EXPECT_FALSE(load_text(store, "{\"resourceType\":\n\"Patient\"", Instant()));
    EXPECT_FALSE(load_path(store, "/does/not/exist.json", Instant()));
}

// Every patient of Synthea's, with the hospitals that others point to by search.
TEST(LoadTest, SyntheticPatientsLoadWholeAndTheirLinksLeadSomewhere) {
    const char* data = std::getenv("CONSULTD_DATA");
    if (data == nullptr) GTEST_SKIP() << "CONSULTD_DATA is not set";
    Store store;
    for (const char* folder : {"synthea-r4", "synthea-r4/large"}) {
        const auto count = load_path(store, std::filesystem::path(data) / folder, Instant());
        ASSERT_TRUE(count) << folder << ": " << count.error().message();
        EXPECT_GT(*count, 1000U);
    }
    EXPECT_EQ(store.of_type("Patient").size(), 8U);
    for (const auto& [type, by_id] : store.all())
        for (const auto& [id, stored] : by_id)
            for (const std::string& reference : references_of(stored.json)) {
                if (reference.starts_with('#')) continue;
                EXPECT_NE(store.find_alive(reference), nullptr)
                    << type << "/" << id << " " << reference;
            }
}

}  // namespace
}  // namespace consultd::sandbox
