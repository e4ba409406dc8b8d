#include "adapter/commands/packet_folder.h"

#include <algorithm>
#include <filesystem>

#include "adapter/commands/report.h"

namespace consultd::commands {

namespace {

// What is there already may be another patient's: it stays, as "packet.html.~1~".
void keep_aside(const std::string& file) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(file, error)) return;
    for (int number = 1;; ++number) {
        const std::string aside = file + ".~" + std::to_string(number) + "~";
        if (std::filesystem::exists(aside, error)) continue;
        std::filesystem::rename(file, aside, error);
        if (!error) tell("kept aside: " + aside);
        return;
    }
}

}  // namespace

Status write_packet_folder(const std::string& folder, const Prepared& prepared) {
    TRY(make_folder(folder));
    const auto path = [&](std::string_view name) {
        std::string file = (std::filesystem::path(folder) / name).string();
        keep_aside(file);
        return file;
    };
    TRY(write_file(path("bundle.json"),
                   [&](const Write& write) { prepared.packet.bundle.print_to(write); }));
    TRY(write_file(path("packet.html"), prepared.packet.html));
    TRY(write_file(path("ledger.ndjson"), [&](const Write& write) {
        prepared.ledger.ndjson(prepared.counts.pulled, write);
    }));
    TRY(write_file(path("completeness.json"), prepared.packet.completeness.print_pretty() + "\n"));
    return write_file(path("manifest.json"), prepared.manifest);
}

bool is_in_state(const std::string& folder, const config::Config& config) {
    std::error_code error;
    const auto whole = [&](const std::string& path) {
        return std::filesystem::weakly_canonical(std::filesystem::absolute(path, error), error);
    };
    const std::filesystem::path state = whole(config.state.directory), out = whole(folder);
    return std::mismatch(state.begin(), state.end(), out.begin(), out.end()).first == state.end();
}

std::string wrong_folder(const std::string& folder, const config::Config& config) {
    if (folder.empty()) return {};
    std::error_code error;
    if (std::filesystem::exists(folder, error) && !std::filesystem::is_empty(folder, error))
        return folder + ": an empty or a new folder is wanted; nothing is overwritten";
    if (is_in_state(folder, config)) return folder + ": a folder outside the state is wanted";
    return {};
}

Result<std::vector<PacketFile>> packet_files(const PartReader& parts) {
    constexpr std::pair<Part, std::string_view> names[] = {
        {Part::Bundle, "bundle.json"},         {Part::Packet, "packet.html"},
        {Part::Ledger, "ledger.ndjson"},       {Part::Completeness, "completeness.json"},
        {Part::Manifest, "manifest.json"},     {Part::Receipt, "receipt.json"},
        {Part::Withdrawal, "withdrawal.json"}, {Part::Deletions, "deletions.ndjson"}};
    std::vector<PacketFile> files;
    for (const auto& [part, name] : names) {
        TRY_ASSIGN(const bool is_kept, parts.has(part));
        if (!is_kept) continue;
        TRY_ASSIGN(std::string bytes, parts.open(part));
        files.push_back({std::string(name), std::move(bytes)});
    }
    return files;
}

Result<fhir::Json> write_files(const std::string& folder, const std::vector<PacketFile>& files) {
    TRY(make_folder(folder));
    fhir::Json paths = fhir::Json::object({});
    for (const PacketFile& file : files) {
        const std::string path = (std::filesystem::path(folder) / file.name).string();
        TRY(write_file(path, file.bytes));
        const std::string stem = file.name.substr(0, file.name.find('.'));
        if (stem == "packet" || stem == "receipt" || stem == "withdrawal" || stem == "deletions")
            paths = paths.with(stem, path);
    }
    return paths;
}

std::string balance_line(const LedgerCounts& counts) {
    return std::to_string(counts.pulled) + " pulled = " + std::to_string(counts.delivered) +
           " delivered + " + std::to_string(counts.merged) + " merged + " +
           std::to_string(counts.withheld) + " withheld + " + std::to_string(counts.rejected) +
           " rejected";
}

std::string missing_lines(fhir::JsonView gaps, fhir::JsonView completeness) {
    std::string out;
    for (const fhir::JsonView& gap : gaps.items())
        out.append("  not handed over: ")
            .append(gap["what"].string())
            .append(" (")
            .append(gap["reason"].string())
            .append(")\n");
    for (const fhir::JsonView& item : completeness["checklist"].items())
        if (const std::string_view state = item["state"].string();
            !state.empty() && state != "found")
            out.append("  ").append(state).append(": ").append(item["item"].string()).append("\n");
    return out;
}

}  // namespace consultd::commands
