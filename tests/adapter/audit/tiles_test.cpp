#include "adapter/audit/tiles.h"

#include <gtest/gtest.h>

#include "fhir/base/crypto.h"

namespace consultd::audit {
namespace {

TEST(TilesTest, PathsAreThoseOfTlogTiles) {
    EXPECT_EQ(tile_path(0, 0, 256), "tile/0/000");
    EXPECT_EQ(tile_path(0, 1'234'067, 256), "tile/0/x001/x234/067");
    EXPECT_EQ(tile_path(3, 5, 17), "tile/3/005.p/17");
    EXPECT_EQ(tile_path(1, 1'000, 1), "tile/1/x001/000.p/1");
    EXPECT_EQ(entries_path(999, 256), "tile/entries/999");
    EXPECT_EQ(entries_path(1'000, 255), "tile/entries/x001/000.p/255");
}

// The example of c2sp.org/tlog-tiles: a tree of 70,000 entries.
TEST(TilesTest, WidthsAreThoseOfTheStandardsExample) {
    EXPECT_EQ(hashes_at(0, 70'000) / tile_width, 273U);
    EXPECT_EQ(width_of(273, hashes_at(0, 70'000)), 112U);
    EXPECT_EQ(hashes_at(1, 70'000) / tile_width, 1U);
    EXPECT_EQ(width_of(1, hashes_at(1, 70'000)), 17U);
    EXPECT_EQ(width_of(0, hashes_at(2, 70'000)), 1U);
    EXPECT_EQ(width_of(0, hashes_at(3, 70'000)), 0U);
}

TEST(TilesTest, EntryBundlesKeepEveryLength) {
    std::string bundle;
    const std::vector<std::string> entries{"", "a", std::string(255, 'b'), std::string(256, 'c'),
                                           std::string(entry_bytes_max, 'd')};
    for (const std::string& entry : entries) append_entry(bundle, entry);
    std::string_view rest = bundle;
    for (const std::string& entry : entries) EXPECT_EQ(take_entry(rest), entry);
    EXPECT_TRUE(rest.empty());
    EXPECT_EQ(take_entry(rest), std::nullopt);
    rest = std::string_view(bundle).substr(0, bundle.size() - 1);
    for (std::size_t i = 0; i + 1 < entries.size(); ++i) take_entry(rest);
    EXPECT_EQ(take_entry(rest), std::nullopt);
}

// The edge of a growing tree gives the root that all leaves together give, through three levels.
TEST(TilesTest, RightEdgeHasTheRootOfAllLeaves) {
    RightEdge edge;
    std::vector<Hash> leaves;
    for (std::uint64_t i = 0; i < 66'000; ++i) {
        leaves.push_back(leaf_hash(std::to_string(i)));
        edge.add_leaf(leaves.back(), [](unsigned, std::uint64_t, const std::vector<Hash>&) {});
        const bool at_an_edge = i < 20 || (i > 250 && i < 260) || (i > 65'530 && i < 65'540);
        if (!at_an_edge) continue;
        ASSERT_EQ(edge.root(), root_of(leaves)) << i;
    }
    EXPECT_EQ(edge.root(), root_of(leaves));
    EXPECT_EQ(edge.levels.size(), 3U);
}

TEST(TilesTest, AFilledTileReplacesItsPartialOnes) {
    RightEdge edge;
    grow(edge, std::vector<std::string>(255, "x"));
    const Growth growth = grow(edge, {"x", "y"});
    std::vector<std::string> paths;
    for (const TileFile& file : growth.entries) paths.push_back(file.path);
    for (const TileFile& file : growth.hashes) paths.push_back(file.path);
    EXPECT_EQ(paths, (std::vector<std::string>{"tile/entries/000", "tile/entries/001.p/1",
                                               "tile/0/000", "tile/0/001.p/1", "tile/1/000.p/1"}));
    EXPECT_EQ(growth.hashes[0].bytes.size(), 8'192U);
    ASSERT_EQ(growth.superseded.size(), 5U);
    EXPECT_EQ(growth.superseded[0].folder, "tile/0/000.p");
    EXPECT_EQ(growth.superseded[0].keep, "");
    EXPECT_EQ(growth.superseded[1].folder, "tile/entries/000.p");
}

}  // namespace
}  // namespace consultd::audit
