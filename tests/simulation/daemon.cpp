#include "tests/simulation/daemon.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "adapter/commands/keep_records.h"

namespace consultd::simulation {
namespace {

class FilesFolder {
public:
    FilesFolder() {
        const std::filesystem::path memory = "/dev/shm";
        const bool in_memory = ::access(memory.c_str(), W_OK) == 0;
        std::string pattern = (in_memory ? memory : std::filesystem::temp_directory_path()) /
                              "consultd-simulation-XXXXXX";
        if (::mkdtemp(pattern.data()) == nullptr) ::abort();
        path = pattern;
    }
    ~FilesFolder() { std::filesystem::remove_all(path); }
    std::string path;
};

class EventLog final : public Log {
public:
    EventLog(History& history, const SimClock& clock) : history_(history), clock_(clock) {}
    void write(Level, StaticText event, std::span<const LogField> fields) override {
        std::string line = "log " + std::string(event.view());
        for (const LogField& field : fields) {
            line += " " + std::string(field.name.view()) + "=";
            if (const auto* text = std::get_if<StaticText>(&field.value.get()))
                line += text->view();
            else if (const auto* id = std::get_if<OwnId>(&field.value.get()))
                line += id->view();
            else if (const auto* number = std::get_if<std::int64_t>(&field.value.get()))
                line += std::to_string(*number);
        }
        history_.tell(clock_.elapsed_ms(), std::move(line));
    }

private:
    History& history_;
    const SimClock& clock_;
};

}  // namespace

const char* const operator_token = "an-operator-of-the-simulation-1234567890";

std::string file_with(const std::string& name, const std::string& text) {
    static const FilesFolder folder;
    const std::string path = folder.path + "/" + name;
    if (std::filesystem::exists(path)) return path;
    std::ofstream(path) << text;
    ::chmod(path.c_str(), 0600);
    return path;
}

// RFC 8410 §7: an Ed25519 private key is its 32 bytes after a fixed head.
const crypto::Key& audit_key() {
    static const crypto::Key key = [] {
        const std::string head = crypto::from_hex("302e020100300506032b657004220420").value();
        const std::string der = head + crypto::sha256("the audit key of the simulation");
        return crypto::Key::from_private_pem(Secret("-----BEGIN PRIVATE KEY-----\n" +
                                                    crypto::base64(der) +
                                                    "\n-----END PRIVATE KEY-----\n"))
            .value();
    }();
    return key;
}

const Knowledge& knowledge() {
    static const Knowledge built_in = built_in_knowledge();
    return built_in;
}

// What one configuration brings into force.
struct Daemon::InForce {
    config::Config config;
    web::Operators operators;
    std::unique_ptr<Peers> peers;
    std::unique_ptr<Pipeline> pipeline;
    std::unique_ptr<web::HttpInterface> api;
};

// What a death ends.
struct Daemon::Life {
    std::unique_ptr<Store> store;
    std::unique_ptr<audit::AuditLog> audit;
    std::unique_ptr<Disclosures> disclosures;
    std::unique_ptr<steps::Settling> settling;
    std::shared_ptr<InForce> in_force;
};

Daemon::Daemon(DaemonParts parts)
    : parts_(std::move(parts)),
      sealer_(Secret(std::string(32, 'k')), parts_.random),
      log_(std::make_unique<EventLog>(parts_.history, parts_.clock)) {
    audit::AuditLog::set_crash_point_hook(parts_.crash_point);
}
Daemon::~Daemon() {
    die();
    audit::AuditLog::set_crash_point_hook({});
}

std::shared_ptr<Daemon::InForce> Daemon::make(const config::Config& config) {
    auto made = std::make_shared<InForce>();
    made->config = config;
    made->operators = web::Operators::read(made->config.listen).value();
    made->peers = std::make_unique<Peers>(
        made->config,
        PeerTools{.clock = parts_.clock,
                  .random = parts_.random,
                  .make_transport = [this](const fhir::HttpOptions&,
                                           Clock&) -> Result<std::unique_ptr<fhir::HttpTransport>> {
                      return parts_.network.road();
                  }});
    made->pipeline = std::make_unique<Pipeline>(PipelineParts{.config = made->config,
                                                              .peers = *made->peers,
                                                              .knowledge = knowledge(),
                                                              .store = *life_->store,
                                                              .disclosures = *life_->disclosures,
                                                              .settling = *life_->settling,
                                                              .sealer = sealer_,
                                                              .clock = parts_.clock,
                                                              .random = parts_.random,
                                                              .log = *log_,
                                                              .crash_point = parts_.crash_point});
    made->api = std::make_unique<web::HttpInterface>(
        web::HttpInterfaceParts{.fhir = {.config = made->config,
                                         .store = *life_->store,
                                         .sealer = sealer_,
                                         .clock = parts_.clock,
                                         .random = parts_.random},
                                .operators = made->operators,
                                .jwks = "{}",
                                .ready = [] { return Status(); }});
    return made;
}

Status Daemon::start(const config::Config& config) {
    die();
    auto life = std::make_unique<Life>();
    life->store = open_memory_store(parts_.tables, parts_.fates);
    TRY(life->store->bound_waits(parts_.clock.now()));
    audit::Opening opening;
    TRY_ASSIGN(const std::optional<std::string> note, life->store->checkpoint());
    if (note) {
        TRY_ASSIGN(opening.seen, audit::open_checkpoint(*note, "", audit_key()));
    }
    Disclosures::History history;
    opening.visit = [&](std::uint64_t index, std::string_view entry) { history.see(index, entry); };
    TRY_ASSIGN(life->audit, audit::AuditLog::open(audit::DurableFolder(parts_.disk.open()),
                                                  audit_origin, audit_key(), opening));
    life->settling = std::make_unique<steps::Settling>(parts_.clock);
    TRY_ASSIGN(life->disclosures,
               Disclosures::after(std::move(history), *life->audit, parts_.random));
    life_ = std::move(life);
    life_->in_force = make(config);
    const Status begun = [&]() -> Status {
        TRY(life_->disclosures->take_up(*life_->store, *log_));
        TRY(life_->in_force->pipeline->reconcile());
        const fhir::Json started = audit::application_activity(
            crypto::uuid_v4(parts_.random), audit::Activity::Start, parts_.clock.now());
        TRY(life_->audit->append(started.print()));
        return life_->store->remember_checkpoint(life_->audit->checkpoint());
    }();
    if (!begun) die();
    return begun;
}

void Daemon::die() {
    if (!life_) return;
    life_->in_force.reset();
    life_->disclosures.reset();
    life_->audit.reset();
    life_.reset();
}

Result<bool> Daemon::step(const std::string& owner, std::stop_token stop) {
    Worker worker(
        [this] {
            const std::shared_ptr<InForce> now = life_->in_force;
            return std::shared_ptr<Pipeline>(now, now->pipeline.get());
        },
        *life_->store, parts_.clock, *log_, owner);
    return worker.run_once(std::move(stop));
}

Status Daemon::keep_house() {
    TRY(life_->disclosures->take_up(*life_->store, *log_));
    // What ends for its age is held against its destination before the world may end.
    TRY(commands::forget_old_records(*life_->store, life_->in_force->config, sealer_,
                                     parts_.clock.now()));
    return life_->in_force->pipeline->reconcile();
}

void Daemon::reload(const config::Config& config) { life_->in_force = make(config); }

web::ServerResponse Daemon::ask(const std::string& method, const std::string& path,
                                const std::string& body) {
    const std::shared_ptr<InForce> now = life_->in_force;
    return now->api->handle({.method = method,
                             .path = path,
                             .headers = {{"Authorization", std::string("Bearer ") + operator_token},
                                         {"Content-Type", "application/fhir+json"}},
                             .body = body});
}

// As `consultd retry` does it.
Status Daemon::retry(const std::string& id) {
    TRY_ASSIGN(const std::optional<Transfer> found, life_->store->find(id));
    if (!found) return Error(ErrorKind::NotFound, "no transfer has this id");
    TRY_ASSIGN(const Transfer decided, retried(*found, parts_.clock.now()));
    return life_->store->change(found->state, decided);
}

Store& Daemon::store() { return *life_->store; }
Instant Daemon::time_of_waits() const { return life_->settling->time(); }

}  // namespace consultd::simulation
