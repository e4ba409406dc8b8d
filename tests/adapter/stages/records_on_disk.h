// Whole records: those that come with the project, and those of the data folder that CONSULTD_DATA
// names.
#pragma once

#include "tests/adapter/stages/packet_fixture.h"
#include "tests/support/source_folder.h"

namespace consultd::testing {

inline std::vector<std::filesystem::path> records_on_disk() {
    std::vector<std::filesystem::path> files;
    for (const char* folder : {"synthea-r4", "synthea-r4/large"})
        if (!data_folder().empty() && std::filesystem::is_directory(data_folder() / folder))
            for (const auto& file : std::filesystem::directory_iterator(data_folder() / folder))
                if (file.path().extension() == ".json" &&
                    file.path().string().find("-referenced") == std::string::npos)
                    files.push_back(file.path());
    for (const char* file :
         {"oncology-r4/T0_patient.json", "us-core/uscore_bundle_patient_85.json"})
        if (!data_folder().empty() && std::filesystem::exists(data_folder() / file))
            files.push_back(data_folder() / file);
    const std::filesystem::path samples = source_folder() + "/samples/patients";
    if (std::filesystem::is_directory(samples))
        for (const auto& file : std::filesystem::directory_iterator(samples))
            if (file.path().extension() == ".json") files.push_back(file.path());
    std::sort(files.begin(), files.end());
    return files;
}

// The samples plant another patient's data in a record, which a pull rejects; and so does this.
inline void drop_other_patients(std::vector<fhir::Json>& resources) {
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

inline PacketInput record_of(const std::filesystem::path& file) {
    std::vector<fhir::Json> resources = resources_in(file);
    const std::filesystem::path referenced =
        file.parent_path() /
        (file.stem().string().substr(0, file.stem().string().rfind('_')) + "-referenced.json");
    if (std::filesystem::exists(referenced))
        for (fhir::Json& json : resources_in(referenced)) resources.push_back(std::move(json));
    if (file.string().find("samples") != std::string::npos) drop_other_patients(resources);
    return packet_input(std::move(resources));
}

}  // namespace consultd::testing
