#include "adapter/commands/packet_folder.h"

#include <filesystem>

#include "adapter/commands/report.h"

namespace consultd::commands {

Status write_packet_folder(const std::string& folder, const Prepared& prepared) {
    TRY(make_folder(folder));
    const auto path = [&](std::string_view name) {
        return (std::filesystem::path(folder) / name).string();
    };
    TRY(write_file(path("bundle.json"), prepared.packet.bundle_text));
    TRY(write_file(path("packet.html"), prepared.packet.html));
    TRY(write_file(path("ledger.ndjson"), [&](const Write& write) {
        prepared.ledger.ndjson(prepared.counts.pulled, write);
    }));
    TRY(write_file(path("completeness.json"), prepared.packet.completeness.print_pretty() + "\n"));
    return write_file(path("manifest.json"), prepared.manifest);
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
