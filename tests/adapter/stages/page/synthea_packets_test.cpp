// Packets of whole synthetic records. They need the data folder that CONSULTD_DATA names; with
// CONSULTD_PACKET_OUT set, the packets are written there for a validator and for people to look at.
#include <gtest/gtest.h>

#include <set>

#include "adapter/stages/reading/sections.h"
#include "tests/adapter/stages/records_on_disk.h"

namespace consultd {
namespace {

using namespace consultd::testing;

void write_packet(const std::filesystem::path& file, const Packet& packet) {
    const char* folder = std::getenv("CONSULTD_PACKET_OUT");
    if (!folder) return;
    const std::filesystem::path stem = std::filesystem::path(folder) / file.stem();
    std::ofstream(stem.string() + ".json", std::ios::binary) << packet.bundle.print();
    std::ofstream(stem.string() + ".html", std::ios::binary) << packet.html;
    std::ofstream(stem.string() + ".completeness.json", std::ios::binary)
        << packet.completeness.print_pretty();
}

// Every resource of the packet is in the document, and the Composition leads to it.
TEST(SyntheaPackets, HoldEveryResourceAndLeadToIt) {
    if (data_folder().empty()) GTEST_SKIP() << "CONSULTD_DATA is not set";
    for (const auto& file : records_on_disk()) {
        SCOPED_TRACE(file.filename());
        const PacketInput input = record_of(file);
        const Result<Packet> packet = assemble(input, knowledge());
        ASSERT_TRUE(packet.ok());
        write_packet(file, *packet);

        std::map<std::string, fhir::Json> entries;
        for (const fhir::JsonView& entry : packet->bundle["entry"].items())
            entries[std::string(entry["fullUrl"].string())] =
                packet->bundle.share(entry["resource"]);
        for (const PacketResource& resource : input.resources)
            EXPECT_TRUE(entries.contains(resource.full_url));

        std::set<std::string> reached;
        std::vector<std::string> open{
            std::string(packet->bundle["entry"].items()[0]["fullUrl"].string())};
        while (!open.empty()) {
            const std::string url = open.back();
            open.pop_back();
            if (!reached.insert(url).second) continue;
            for (std::string& next : references_of(entries.at(url))) {
                ASSERT_TRUE(entries.contains(next)) << "a reference leads to nothing";
                open.push_back(std::move(next));
            }
        }
        EXPECT_EQ(reached.size(), entries.size());
    }
}

}  // namespace
}  // namespace consultd
