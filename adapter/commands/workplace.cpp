#include "adapter/commands/workplace.h"

#include <sysexits.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iterator>
#include <memory>

#include "adapter/commands/report.h"

namespace consultd::commands {
namespace {

constexpr std::string_view sqlite_prefix = "sqlite:";

using CrashPoint = std::function<void(std::string_view)>;

// A build for crash tests dies at the point that the environment names, "NAME" or "NAME:2" for the
// second time it gets there, as a machine dies: without a word, and without tidying up.
CrashPoint chosen_crash_point() {
#ifdef CONSULTD_CRASH_POINTS
    const char* chosen = std::getenv("CONSULTD_CRASH_AT");
    if (chosen == nullptr) return {};
    const std::string text(chosen);
    const std::size_t colon = std::min(text.find(':'), text.size());
    const int times = colon == text.size() ? 1 : std::atoi(text.c_str() + colon + 1);
    return [name = text.substr(0, colon),
            left = std::make_shared<std::atomic<int>>(times)](std::string_view point) {
        if (point == name && --*left == 0) ::kill(::getpid(), SIGKILL);
    };
#else
    return {};
#endif
}

Error other_keys() {
    return Error(ErrorKind::Config, "the state keys are not those that this state was made with");
}

std::string lines_of(const std::vector<std::string>& ids) {
    std::string all;
    for (const std::string& id : ids) all += id + "\n";
    return all;
}

// With other keys nothing that is stored can be opened, and every transfer would be given up as
// damaged. The state remembers its keys by their ids, the oldest first: none of them may be missing
// and the oldest stays the oldest, because pseudonyms come of it. A key that was added is taken
// into use by the Owner, when it opens the state; until then a visitor seals nothing under it,
// which the daemon beside it could not open.
Status check_state_keys(Store& store, crypto::Sealer& sealer, StoreRole role) {
    const std::string all = lines_of(sealer.key_ids());
    TRY_ASSIGN(const std::optional<std::string> known, store.key_check());
    if (known && !all.starts_with(*known)) return other_keys();
    if (known && role == StoreRole::Visitor) {
        sealer.seal_with_oldest(static_cast<std::size_t>(std::ranges::count(*known, '\n')));
        return {};
    }
    return known == all ? Status() : store.remember_key_check(all);
}

// What is opened once, when the program starts.
struct FixedSetting {
    std::string_view path;
    bool (*is_same)(const config::Config&, const config::Config&);
};
template <auto section, auto member>
bool is_same(const config::Config& a, const config::Config& b) {
    return a.*section.*member == b.*section.*member;
}
constexpr FixedSetting fixed_settings[] = {
    {"/state/directory", is_same<&config::Config::state, &config::State::directory>},
    {"/state/database", is_same<&config::Config::state, &config::State::database>},
    {"/state/keyFile", is_same<&config::Config::state, &config::State::key_file>},
    {"/audit/origin", is_same<&config::Config::audit, &config::Audit::origin>},
    {"/audit/keyFile", is_same<&config::Config::audit, &config::Audit::key_file>},
    {"/listen/address", is_same<&config::Config::listen, &config::Listen::address>},
    {"/listen/port", is_same<&config::Config::listen, &config::Listen::port>},
    {"/listen/tls/certificateFile",
     is_same<&config::Config::listen, &config::Listen::certificate_file>},
    {"/listen/tls/keyFile", is_same<&config::Config::listen, &config::Listen::key_file>},
    {"/listen/tls/clientCaFile", is_same<&config::Config::listen, &config::Listen::client_ca_file>},
    {"/limits/transfers", is_same<&config::Config::limits, &config::Limits::transfers>},
};

}  // namespace

LoadedConfig load_config(const std::string& file, const LookFurther& look_further) {
    Result<config::Loaded> loaded = config::load(file);
    if (!loaded) {
        tell("consultd: " + file + ": " + loaded.error().message());
        return {std::nullopt, EX_CONFIG};
    }
    if (look_further) config::add_unsaid(loaded->problems, look_further(loaded->readable));
    for (const config::Problem& problem : loaded->problems)
        tell(file + ": " + problem.path + " " + problem.text);
    if (!loaded->problems.empty()) return {std::nullopt, EX_CONFIG};
    return {std::move(loaded->config), 0};
}

LoadedConfig load_config_and_knowledge(const std::string& file, const LookFurther& look_further,
                                       AskTerminology ask) {
    LoadedKnowledge read;
    LoadedConfig loaded = load_config(file, [&](const config::Config& config) {
        read = load_knowledge(config.knowledge, config.consent, expanding(config, ask));
        std::vector<config::Problem> problems = std::move(read.problems);
        if (look_further) std::ranges::move(look_further(config), std::back_inserter(problems));
        return problems;
    });
    if (loaded.config) loaded.knowledge = std::move(read.knowledge);
    return loaded;
}

std::string database_file(const config::Config& config) {
    const std::filesystem::path file(config.state.database.substr(sqlite_prefix.size()));
    return file.is_absolute() ? file.string()
                              : (std::filesystem::path(config.state.directory) / file).string();
}

std::string audit_folder(const config::Config& config) {
    return (std::filesystem::path(config.state.directory) / "audit").string();
}

Result<crypto::Sealer> read_state_keys(const config::Config& config, Random& random) {
    TRY_ASSIGN(const Secret text, read_secret_file(config.state.key_file));
    std::vector<Secret> keys;
    for (std::string_view rest = text.reveal(); !rest.empty();) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        std::optional<std::string> bytes = crypto::from_hex(rest.substr(0, end));
        if (!bytes || bytes->size() != 32)
            return Error(ErrorKind::Config, "a line of the state key file is not 64 hex digits");
        for (const Secret& key : keys)
            if (key.equals(*bytes))
                return Error(ErrorKind::Config, "the state key file has a key twice");
        keys.emplace_back(std::move(*bytes));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return crypto::Sealer(std::move(keys), random);
}

Result<crypto::Key> read_audit_key(const config::Config& config) {
    TRY_ASSIGN(const Secret pem, read_secret_file(config.audit.key_file));
    TRY_ASSIGN(crypto::Key key, crypto::Key::from_private_pem(pem));
    if (key.type() != crypto::Key::Type::Ed25519)
        return Error(ErrorKind::Config, "the audit key is not an Ed25519 key");
    return key;
}

Result<std::optional<audit::Checkpoint>> seen_checkpoint(Store& store,
                                                         const crypto::Key& audit_key) {
    TRY_ASSIGN(const std::optional<std::string> note, store.checkpoint());
    if (!note) return std::optional<audit::Checkpoint>();
    TRY_ASSIGN(audit::Checkpoint seen, audit::open_checkpoint(*note, "", audit_key));
    return std::optional(std::move(seen));
}

Status check_keys_fit_state(const config::Config& config) {
    SystemRandom random;
    TRY_ASSIGN(const crypto::Sealer sealer, read_state_keys(config, random));
    if (!std::filesystem::exists(database_file(config))) return {};
    TRY_ASSIGN(const std::unique_ptr<Store> store,
               open_sqlite_store(database_file(config), StoreRole::Visitor));
    TRY_ASSIGN(const std::optional<std::string> known, store->key_check());
    if (known && !lines_of(sealer.key_ids()).starts_with(*known)) return other_keys();
    TRY_ASSIGN(const crypto::Key audit_key, read_audit_key(config));
    if (!seen_checkpoint(*store, audit_key))
        return Error(ErrorKind::Config, "the audit key is not the one that the log is signed with");
    return {};
}

Result<std::unique_ptr<Workplace>> Workplace::open(config::Config config, Knowledge knowledge,
                                                   Log& log, std::uint32_t attempts_max) {
    std::unique_ptr<Workplace> place(new Workplace(log, attempts_max));
    TRY(make_folder(config.state.directory));
    TRY_ASSIGN(crypto::Sealer sealer, read_state_keys(config, place->random_));
    place->sealer_ = std::make_unique<crypto::Sealer>(std::move(sealer));
    TRY_ASSIGN(const crypto::Key audit_key, read_audit_key(config));
    TRY_ASSIGN(place->store_, open_sqlite_store(database_file(config), StoreRole::Owner));
    TRY(check_state_keys(*place->store_, *place->sealer_, StoreRole::Owner));
    TRY(place->store_->bound_waits(place->clock_.now()));
    audit::AuditLog::set_crash_point_hook(chosen_crash_point());
    TRY_ASSIGN(std::optional<audit::Checkpoint> seen, seen_checkpoint(*place->store_, audit_key));
    Disclosures::History history;
    // The whole log is read once, here.
    TRY_ASSIGN(place->audit_,
               audit::AuditLog::open(audit_folder(config), config.audit.origin, audit_key,
                                     {.seen = std::move(seen),
                                      .visit = [&](std::uint64_t index, std::string_view entry) {
                                          history.see(index, entry);
                                      }}));
    TRY_ASSIGN(place->disclosures_,
               Disclosures::after(std::move(history), *place->audit_, place->random_));
    TRY(place->disclosures_->take_up(*place->store_, log));
    place->in_force_ = place->make(std::move(config), std::move(knowledge));
    return place;
}

std::shared_ptr<const InForce> Workplace::make(config::Config config, Knowledge knowledge) {
    const auto made = std::make_shared<InForce>(
        InForce{std::move(config), std::move(knowledge), nullptr, nullptr});
    made->peers = std::make_unique<Peers>(
        made->config,
        PeerTools{.clock = clock_,
                  .random = random_,
                  .kept_client = [this](const auto& key) { return kept_client(key); },
                  .keep_client = [this](const auto& key,
                                        const auto& client) { return keep_client(key, client); }});
    PipelineParts parts{.config = made->config,
                        .peers = *made->peers,
                        .knowledge = made->knowledge,
                        .store = *store_,
                        .disclosures = *disclosures_,
                        .settling = settling_,
                        .sealer = *sealer_,
                        .clock = clock_,
                        .random = random_,
                        .log = log_,
                        .attempts_max = attempts_max_};
    if (const CrashPoint crash = chosen_crash_point()) parts.crash_point = crash;
    made->pipeline = std::make_unique<Pipeline>(std::move(parts));
    return made;
}

// Sealed: it has a secret.
Result<std::optional<std::string>> Workplace::kept_client(const std::string& source) {
    TRY_ASSIGN(const std::optional<std::string> kept, store_->learnt("client/" + source));
    if (!kept || kept->empty()) return std::optional<std::string>();
    const std::optional<std::string> sealed = crypto::from_base64(*kept);
    if (!sealed) return Error(ErrorKind::Corrupt, "what is kept of a registration is none");
    TRY_ASSIGN(std::string client, sealer_->open(*sealed, "client|" + source));
    return std::optional(std::move(client));
}

Status Workplace::keep_client(const std::string& source, const std::string& client) {
    return store_->keep_learnt(
        "client/" + source,
        client.empty() ? "" : crypto::base64(sealer_->seal(client, "client|" + source)));
}

std::shared_ptr<const InForce> Workplace::in_force() const {
    const std::lock_guard lock(mutex_);
    return in_force_;
}

std::shared_ptr<Pipeline> Workplace::pipeline() const {
    const std::shared_ptr<const InForce> now = in_force();
    return {now, now->pipeline.get()};
}

Result<std::shared_ptr<const InForce>> Workplace::make_next(config::Config config,
                                                            Knowledge knowledge) {
    const std::shared_ptr<const InForce> now = in_force();
    bool is_fixed = false;
    for (const FixedSetting& setting : fixed_settings) {
        if (setting.is_same(now->config, config)) continue;
        tell(std::string(setting.path) + " can be changed by a restart only");
        is_fixed = true;
    }
    if (is_fixed)
        return Error(ErrorKind::Config, "the new configuration changes what takes a restart");
    return make(std::move(config), std::move(knowledge));
}

void Workplace::put_in_force(std::shared_ptr<const InForce> next) {
    const std::lock_guard lock(mutex_);
    in_force_ = std::move(next);
}

Result<Visit> visit(const config::Config& config, Random& random) {
    Visit visit;
    TRY_ASSIGN(crypto::Sealer sealer, read_state_keys(config, random));
    visit.sealer = std::make_unique<crypto::Sealer>(std::move(sealer));
    TRY_ASSIGN(visit.store, open_sqlite_store(database_file(config), StoreRole::Visitor));
    TRY(check_state_keys(*visit.store, *visit.sealer, StoreRole::Visitor));
    return visit;
}

}  // namespace consultd::commands
