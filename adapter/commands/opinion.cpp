// opinion: what came back, for whoever may read it: what there is of it, or all of it as files; in
// the audit log before.
#include "adapter/opinion.h"

#include <sysexits.h>

#include <algorithm>

#include "adapter/commands/commands.h"
#include "adapter/commands/keep_records.h"
#include "adapter/commands/open_state.h"
#include "adapter/commands/packet_folder.h"
#include "adapter/commands/report.h"
#include "adapter/commands/terminal_text.h"
#include "adapter/stages/reading/file_form.h"

namespace consultd::commands {
namespace {

using fhir::Json;

std::string line_of(const OpinionItem& item) {
    std::string line = "  " + terminal_text(item.form);
    if (!item.title.empty()) line += ": " + terminal_text(item.title);
    if (!item.bytes.empty())
        line += " (" + terminal_text(item.content_type) + ", " + std::to_string(item.bytes.size()) +
                " bytes)";
    if (!item.standing.empty()) line += ": " + terminal_text(item.standing);
    return line + "\n";
}

std::string from_whom(const Transfer& transfer, const config::Config& config) {
    const auto found = config.destinations.find(transfer.destination);
    return found == config.destinations.end() ? transfer.destination : found->second.name;
}

std::string text_of(const Opinion& opinion, const Transfer& transfer,
                    const config::Config& config) {
    std::string text;
    if (!transfer.reason.empty()) text += "note: " + why(transfer) + "; see `consultd explain`\n";
    for (std::size_t number = opinion.versions(); number-- > 0;) {
        text += "from " + from_whom(transfer, config) + ", taken at " + opinion.taken(number) +
                (number + 1 < opinion.versions() ? ", an earlier version\n" : "\n");
        for (const OpinionItem& item : opinion.items(number)) text += line_of(item);
    }
    return text;
}

Json json_of(const Opinion& opinion, const Transfer& transfer, const config::Config& config) {
    std::vector<Json> versions;
    for (std::size_t number = 0; number < opinion.versions(); ++number) {
        std::vector<Json> items;
        for (const OpinionItem& item : opinion.items(number))
            items.push_back(Json::object(
                {{"form", item.form},
                 {"title", item.title.empty() ? Json() : Json(item.title)},
                 {"status", item.standing.empty() ? Json() : Json(item.standing)},
                 {"contentType", item.content_type.empty() ? Json() : Json(item.content_type)},
                 {"bytes", Json(static_cast<std::int64_t>(item.bytes.size()))}}));
        versions.push_back(Json::object(
            {{"taken", opinion.taken(number)}, {"items", Json::array(std::move(items))}}));
    }
    return Json::object({{"transfer", transfer.id},
                         {"state", name_of(transfer.state)},
                         {"reason", transfer.reason.empty() ? Json() : Json(transfer.reason)},
                         {"from", from_whom(transfer, config)},
                         {"versions", Json::array(std::move(versions))}});
}

// All of it as one Bundle, earlier versions beside it; of the newest each thing by itself.
std::vector<PacketFile> files_of(const Opinion& opinion) {
    std::vector<PacketFile> files{{"opinion.json", opinion.bundle().print_pretty() + "\n"}};
    for (std::size_t number = 0; number + 1 < opinion.versions(); ++number)
        files.push_back({"opinion-version-" + std::to_string(number + 1) + ".json",
                         opinion.bundle(number).print_pretty() + "\n"});
    std::size_t count = 0;
    for (const OpinionItem& item : opinion.items(opinion.versions() - 1))
        if (!item.bytes.empty())
            files.push_back(
                {"opinion-" + std::to_string(++count) +
                     (item.standing.empty() ? "" : "." + item.standing) +
                     std::string(file_form(item.content_type, item.bytes).suffix.view()),
                 item.bytes});
    return files;
}

Result<Opinion> opinion_of(const PartReader& parts) {
    TRY_ASSIGN(const bool is_kept, parts.has(Part::Opinion));
    if (!is_kept)
        return Error(ErrorKind::NotFound,
                     "there is no opinion: none has come, or it was wiped after it was read");
    TRY_ASSIGN(std::string text, parts.open(Part::Opinion));
    return Opinion::parse(std::move(text));
}

}  // namespace

int opinion(const OpinionOptions& options) {
    LoadedConfig loaded = load_config_and_knowledge(options.config_file);
    if (!loaded.config) return loaded.exit_code;
    const config::Config& config = *loaded.config;
    const std::string& folder = options.out_folder;
    if (const std::string wrong = wrong_folder(folder, config); !wrong.empty())
        return fail("opinion", wrong, EX_USAGE);
    const std::unique_ptr<Log> log = make_stderr_log(Log::Level::Error);
    Result<OpenState> state = OpenState::open(config, std::move(*loaded.knowledge), *log);
    if (!state) return fail("opinion", state.error());
    const Result<Transfer> transfer = state->find(options.id);
    if (!transfer) return fail("opinion", transfer.error());
    const Result<Opinion> found = opinion_of(state->parts_of(*transfer));
    if (!found) return fail("opinion", found.error());
    // If we die after this: it says that it was read, and it was not.
    const Status written =
        state->write(act_by_shell(audit::Act::What::ReadOpinion, *transfer, config));
    if (!written) return fail("opinion", written.error());
    if (!folder.empty()) {
        if (const auto put = write_files(folder, files_of(*found)); !put)
            return fail("opinion", folder + ": " + put.error().message(), EX_CANTCREAT);
        const Status kept =
            remember_reading(state->store(), state->sealer(), transfer->id, state->clock().now());
        if (!kept) return fail("opinion", kept.error());
    }
    print_result(options.json ? json_of(*found, *transfer, config).print() + "\n"
                              : text_of(*found, *transfer, config));
    return EX_OK;
}

}  // namespace consultd::commands
