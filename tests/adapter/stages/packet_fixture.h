// Packets for tests: made from a few resources written in the test, or from a Bundle in a file,
// with the references between entries brought to full URLs as normalize does.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "adapter/assemble.h"
#include "fhir/base/crypto.h"
#include "fhir/r4/walk.h"

namespace consultd::testing {

// What is built in, read once.
inline const Knowledge& knowledge() {
    static const Knowledge read = built_in_knowledge();
    return read;
}

inline Request sample_request() {
    Request request;
    request.transfer_id = "3f0e8f0a-6f6b-4c55-9d2a-1b9a5c1f7e21";
    request.question = "Should I join a trial now?";
    request.specialty = "oncology";
    request.source_name = "General Hospital";
    request.destination_name = "Cancer Center";
    request.as_of = *parse_instant("2026-11-21T22:10:00Z");
    return request;
}

inline fhir::Resource resource_of(std::string json) {
    return *fhir::Resource::from(*fhir::Json::parse(std::move(json)));
}

inline std::string url_of(std::string_view key) {
    return "urn:uuid:" + crypto::uuid_v5("6ba7b811-9dad-11d1-80b4-00c04fd430c8", key);
}

class ReferenceRewriter final : public fhir::r4::Walker {
public:
    explicit ReferenceRewriter(const std::map<std::string, std::string>& urls) : urls_(urls) {}
    fhir::r4::Edit reference(const fhir::r4::Visit& visit) override {
        const std::string text(visit.value["reference"].string());
        auto found = urls_.find(text);
        // "https://host/fhir/Patient/1" names what "Patient/1" names.
        const std::size_t id = text.rfind('/');
        if (found == urls_.end() && id != std::string::npos && id > 0)
            if (const std::size_t type = text.rfind('/', id - 1); type != std::string::npos)
                found = urls_.find(text.substr(type + 1));
        if (found != urls_.end())
            return fhir::r4::Edit::replace(visit.value.with("reference", found->second));
        // What leads to nothing we hold keeps its words only, as far as it has any.
        if (text.empty() || text.front() == '#') return fhir::r4::Edit::keep();
        const fhir::Json rest = visit.value.without("reference");
        return rest.size() == 0 ? fhir::r4::Edit::remove() : fhir::r4::Edit::replace(rest);
    }

private:
    const std::map<std::string, std::string>& urls_;
};

inline PacketInput packet_input(std::vector<fhir::Json> resources) {
    PacketInput input;
    input.request = sample_request();
    std::map<std::string, std::string> urls;
    for (const fhir::Json& json : resources) {
        const std::string key =
            std::string(json["resourceType"].string()) + "/" + std::string(json["id"].string());
        urls[key] = url_of(key);
        urls["urn:uuid:" + std::string(json["id"].string())] = url_of(key);
        for (const fhir::JsonView& identifier : json["identifier"].items())
            urls[std::string(json["resourceType"].string()) +
                 "?identifier=" + std::string(identifier["system"].string()) + "|" +
                 std::string(identifier["value"].string())] = url_of(key);
    }
    ReferenceRewriter rewriter(urls);
    for (const fhir::Json& json : resources) {
        const std::string key =
            std::string(json["resourceType"].string()) + "/" + std::string(json["id"].string());
        if (json["resourceType"].string() == "Patient" && input.patient.empty())
            input.patient = url_of(key);
        input.resources.push_back(
            {key, url_of(key), *fhir::Resource::from(fhir::r4::walk(json, rewriter))});
    }
    input.counts = {.pulled = resources.size(), .delivered = resources.size()};
    return input;
}

inline PacketInput packet_input(const std::vector<std::string>& texts) {
    std::vector<fhir::Json> resources;
    for (const std::string& text : texts) resources.push_back(*fhir::Json::parse(text));
    return packet_input(std::move(resources));
}

inline std::vector<fhir::Json> resources_in(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    const fhir::Json json =
        *fhir::Json::parse(std::string(std::istreambuf_iterator<char>(stream), {}));
    std::vector<fhir::Json> out;
    for (const fhir::JsonView& item : json.items()) out.push_back(json.share(item));
    for (const fhir::JsonView& entry : json["entry"].items()) {
        fhir::Json resource = json.share(entry["resource"]);
        const std::string_view url = entry["fullUrl"].string();
        if (url.starts_with("urn:uuid:")) resource = resource.with("id", url.substr(9));
        out.push_back(resource);
    }
    return out;
}

inline std::filesystem::path data_folder() {
    const char* folder = std::getenv("CONSULTD_DATA");
    return folder ? folder : "";
}

}  // namespace consultd::testing
