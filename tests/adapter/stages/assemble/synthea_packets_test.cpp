// Packets of whole synthetic records. They need the data folder that CONSULTD_DATA names; with
// CONSULTD_PACKET_OUT set, the packets are written there for a validator and for people to look at.
#include <gtest/gtest.h>

#include <set>

#include "adapter/stages/assemble/sections.h"
#include "tests/adapter/stages/assemble/packet_fixture.h"

namespace consultd {
namespace {

using namespace consultd::testing;

std::vector<std::filesystem::path> records() {
    std::vector<std::filesystem::path> files;
    if (data_folder().empty()) return files;
    for (const char* folder : {"synthea-r4", "synthea-r4/large"})
        if (std::filesystem::is_directory(data_folder() / folder))
            for (const auto& file : std::filesystem::directory_iterator(data_folder() / folder))
                if (file.path().extension() == ".json" &&
                    file.path().string().find("-referenced") == std::string::npos)
                    files.push_back(file.path());
    for (const char* file :
         {"oncology-r4/T0_patient.json", "us-core/uscore_bundle_patient_85.json"})
        if (std::filesystem::exists(data_folder() / file)) files.push_back(data_folder() / file);
    const std::filesystem::path samples = CONSULTD_SOURCE_DIR "/samples/patients";
    if (std::filesystem::is_directory(samples))
        for (const auto& file : std::filesystem::directory_iterator(samples))
            if (file.path().extension() == ".json") files.push_back(file.path());
    std::sort(files.begin(), files.end());
    return files;
}

// The samples plant another patient's data in a record, which a pull rejects; and so does this.
void drop_other_patients(std::vector<fhir::Json>& resources) {
    const std::string own = "Patient/" + std::string(resources.front()["id"].string());
    std::erase_if(resources, [&](const fhir::Json& json) {
        if (json["resourceType"].string() == "Patient") return !own.ends_with(json["id"].string());
        for (const std::string_view name : {"subject", "patient"})
            if (const std::string_view whose = json[name]["reference"].string();
                whose.find("Patient/") != std::string_view::npos && !whose.ends_with(own))
                return true;
        return false;
    });
}

PacketInput record_of(const std::filesystem::path& file) {
    std::vector<fhir::Json> resources = resources_in(file);
    const std::filesystem::path referenced =
        file.parent_path() /
        (file.stem().string().substr(0, file.stem().string().rfind('_')) + "-referenced.json");
    if (std::filesystem::exists(referenced))
        for (fhir::Json& json : resources_in(referenced)) resources.push_back(std::move(json));
    if (file.string().find("samples") != std::string::npos) drop_other_patients(resources);
    return packet_input(std::move(resources));
}

void write_packet(const std::filesystem::path& file, const Packet& packet) {
    const char* folder = std::getenv("CONSULTD_PACKET_OUT");
    if (!folder) return;
    const std::filesystem::path stem = std::filesystem::path(folder) / file.stem();
    std::ofstream(stem.string() + ".json", std::ios::binary) << packet.bundle_text;
    std::ofstream(stem.string() + ".html", std::ios::binary) << packet.html;
    std::ofstream(stem.string() + ".completeness.json", std::ios::binary)
        << packet.completeness.print_pretty();
}

// Every resource of the packet is in the document, and the Composition leads to it.
TEST(SyntheaPackets, HoldEveryResourceAndLeadToIt) {
    if (data_folder().empty()) GTEST_SKIP() << "CONSULTD_DATA is not set";
    for (const auto& file : records()) {
        SCOPED_TRACE(file.filename());
        const PacketInput input = record_of(file);
        const Result<Packet> packet = assemble(input);
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
