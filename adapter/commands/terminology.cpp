#include "adapter/commands/terminology.h"

#include <filesystem>
#include <memory>
#include <optional>

#include "adapter/commands/report.h"
#include "adapter/knowledge/expansion.h"
#include "adapter/peers.h"
#include "fhir/base/crypto.h"
#include "fhir/client/fhir_client.h"

namespace consultd::commands {
namespace {

using fhir::Json;

constexpr std::size_t kept_bytes_max = std::size_t{128} << 20;
constexpr std::size_t pages_max = Expansion::codes_max / Expansion::page_size + 1;
constexpr Milliseconds time_for_one = std::chrono::minutes(2);
constexpr auto fresh_for = std::chrono::hours(24);

struct Kept {
    Instant asked;
    Json value_set;
};

class Expander {
public:
    Expander(const config::Config& config, AskTerminology ask)
        : config_(config), server_(*config.knowledge.terminology), ask_(ask) {}

    void complete(std::vector<KnowledgeText>& texts, std::vector<config::Problem>& problems) {
        std::vector<KnowledgeText> whole;
        for (KnowledgeText& text : texts) {
            const auto json = text.kind == KnowledgeKind::Sensitivity
                                  ? Json::parse_relaxed(text.text, {.bytes_max = kept_bytes_max})
                                  : Result<Json>(Json());
            if (json && needs_expansion(*json)) {
                const Result<Json> expanded = expand(text.file, *json);
                if (!expanded && ask_ == AskTerminology::Later) continue;
                if (!expanded)
                    problems.push_back({text.place, text.file + ": " + expanded.error().message()});
                else
                    text.text = expanded->print();
            }
            whole.push_back(std::move(text));
        }
        texts = std::move(whole);
    }

private:
    // By what was asked, and of whom.
    std::string file_of(const Json& value_set) const {
        crypto::Sha256 hash;
        hash.update(server_.fhir_base_url.text() + "\n" + value_set.print_canonical());
        return folder() + "/" + crypto::hex(hash.finish()) + ".json";
    }
    std::string folder() const { return config_.state.directory + "/terminology"; }

    static std::string digest_of(fhir::JsonView value_set) {
        crypto::Sha256 hash;
        hash.update(value_set.print_canonical());
        return crypto::hex(hash.finish());
    }

    // Absent: there is none, or it is not what was written.
    static std::optional<Kept> read(const std::string& file) {
        const Result<std::string> text = read_file(file, kept_bytes_max);
        if (!text) return std::nullopt;
        const Result<Json> json = Json::parse(*text, {.bytes_max = kept_bytes_max});
        if (!json) return std::nullopt;
        const auto asked = parse_instant((*json)["asked"].string());
        if (!asked || digest_of((*json)["valueSet"]) != (*json)["sha256"].string())
            return std::nullopt;
        return Kept{*asked, json->get("valueSet")};
    }

    Status keep(const std::string& file, const Kept& kept) const {
        TRY(make_folder(config_.state.directory));
        TRY(make_folder(folder()));
        return write_file(file, Json::object({{"asked", format_instant(kept.asked)},
                                              {"sha256", digest_of(kept.value_set)},
                                              {"valueSet", kept.value_set}})
                                    .print());
    }

    Result<Json> expand(const std::string& name, const Json& value_set) {
        const std::string file = file_of(value_set);
        std::optional<Kept> kept = read(file);
        const auto age = kept ? clock_.now() - kept->asked : Instant::duration::max();
        const bool is_fresh = age >= Instant::duration::zero() && age < fresh_for;
        if (kept && (is_fresh || ask_ != AskTerminology::Yes)) return std::move(kept->value_set);
        if (ask_ != AskTerminology::Yes)
            return Error(ErrorKind::NotFound,
                         "is not expanded yet: the daemon asks its terminology server at its "
                         "start, the doctor when it looks");
        Result<Json> answer = ask_server(value_set, kept);
        if (answer) {
            TRY(keep(file, {clock_.now(), *answer}));
            return answer;
        }
        if (!kept) return answer.error();
        tell("consultd: " + name + ": the terminology server was asked in vain (" +
             answer.error().message() + "); its answer of " + format_instant(kept->asked) +
             " holds");
        return std::move(kept->value_set);
    }

    // The same codes have the time of the first answer: knowledge that says the same is the same.
    Result<Json> ask_server(const Json& value_set, const std::optional<Kept>& kept) {
        if (!peer_) {
            config::Source source;
            source.key = "terminology";
            source.name = "terminology";
            source.fhir_base_url = server_.fhir_base_url;
            source.auth = server_.auth;
            source.tls = server_.tls;
            peer_ = std::make_unique<Peer>(source, config_.limits, PeerTools{clock_, random_});
        }
        TRY_ASSIGN(fhir::FhirClient* const client, peer_->client());
        const fhir::Call call{.deadline = Deadline::after(clock_, time_for_one)};
        Expansion expansion;
        for (std::size_t page = 0; page < pages_max; ++page) {
            TRY_ASSIGN(const fhir::FhirResponse answer,
                       client->write("POST", client->base().below("ValueSet/$expand"),
                                     expansion.request(value_set).print(), call,
                                     fhir::HttpRequest::Effect::Read));
            TRY_ASSIGN(const bool is_all, expansion.take_page(answer.body));
            if (!is_all) continue;
            if (expansion.empty())
                return Error(ErrorKind::Malformed, "the terminology server finds no code for it");
            const std::string_view first =
                kept ? kept->value_set.at("expansion", "timestamp").string() : std::string_view();
            Json same = expansion.expanded(value_set, first);
            if (kept && same_value(same, kept->value_set)) return same;
            return expansion.expanded(value_set, format_instant(clock_.now()));
        }
        return Error(ErrorKind::TooLarge, "the expansion has too many pages");
    }

    const config::Config& config_;
    const config::Terminology& server_;
    const AskTerminology ask_;
    SystemClock clock_;
    SystemRandom random_;
    std::unique_ptr<Peer> peer_;
};

}  // namespace

CompleteTexts expanding(const config::Config& config, AskTerminology ask) {
    if (!config.knowledge.terminology) return {};
    return [expander = std::make_shared<Expander>(config, ask)](auto& texts, auto& problems) {
        expander->complete(texts, problems);
    };
}

}  // namespace consultd::commands
