// HospitalPair: a source and a destination that misbehave when told to, with a real store, a real
// audit log and a pipeline between them. Everything in it can be thrown away and opened anew, as
// after a crash.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapter/audit/event_reader.h"
#include "adapter/pipeline.h"
#include "tests/support/fake_fhir_server.h"
#include "tests/support/seeded_random.h"

namespace consultd::testing {

// Events by name, and what of the configuration they name.
class RecordingLog final : public Log {
public:
    void write(Level level, StaticText event, std::span<const LogField> fields) override {
        events.emplace_back(event.view());
        for (const LogField& field : fields)
            if (const auto* const name = std::get_if<ConfigName>(&field.value.get()))
                names.emplace_back(name->view());
        if (level == Level::Error) errors.emplace_back(event.view());
    }
    std::vector<std::string> events, errors, names;
};

// What a test throws from a crash point: everything in memory is gone.
struct Died {};

class HospitalPair : public ::testing::Test {
protected:
    using Answer = FakeTransport::Answer;

    HospitalPair() {
        const std::filesystem::path memory = "/dev/shm";
        const bool in_memory = ::access(memory.c_str(), W_OK) == 0;
        std::string pattern = (in_memory ? memory : std::filesystem::temp_directory_path()) /
                              "consultd-pipeline-XXXXXX";
        EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
        folder = pattern;
        config.sources["general"] = {.key = "general",
                                     .name = "General Hospital",
                                     .fhir_base_url = url("https://ehr.example/fhir")};
        config.destinations["center"] = {
            .key = "center",
            .name = "Cancer Center",
            .fhir_base_url = url("https://center.example/fhir"),
            .organization = config::OrganizationId{"http://hl7.org/fhir/sid/us-npi", "1234567893"},
            .deliver = {.settle = settle}};
        source.put(R"({"resourceType":"Patient","id":"anna","name":[{"family":"Test",
                       "given":["Anna"]}],"birthDate":"1980-02-03","gender":"female",
                       "identifier":[{"system":"urn:mrn","value":"1","type":{"coding":[{"system":
                       "http://terminology.hl7.org/CodeSystem/v2-0203","code":"MR"}]}}]})");
        source.put(R"({"resourceType":"Condition","id":"c1","subject":{"reference":"Patient/anna"},
                       "code":{"text":"Melanoma"}})");
        source.put(R"({"resourceType":"Observation","id":"o1","status":"final",
                       "subject":{"reference":"Patient/anna"},"code":{"text":"LDH"},
                       "effectiveDateTime":"2026-10-01",
                       "valueQuantity":{"value":2.00,"unit":"U/L"}})");
        destination.offer("Patient", {"identifier"});
        destination.offer("Task", {"identifier"});
        order.source = "general";
        order.destination = "center";
        order.patient_id = "anna";
        order.question = "Is a second line right?";
        order.consent = consent();
        // Most tests send one patient's record many times.
        order.is_again = true;
        open();
    }
    ~HospitalPair() override {
        close();
        std::filesystem::remove_all(folder);
    }

    // The time that the destination is given to finish what it may be at.
    static constexpr Milliseconds settle{15'000};

    static fhir::Url url(const char* text) { return fhir::Url::parse(text).value(); }
    static fhir::Json consent(const std::string& status = "active",
                              const std::string& provision = R"({"type":"permit"})") {
        return json_of(R"({"resourceType":"Consent","status":")" + status + R"(","scope":{"coding":[
            {"system":"http://terminology.hl7.org/CodeSystem/consentscope",
             "code":"patient-privacy"}]},
            "category":[{"coding":[{"system":"http://loinc.org","code":"59284-0"}]}],
            "patient":{"reference":"Patient/anna"},"dateTime":"2026-11-01",
            "policy":[{"uri":"http://example.org/policy"}],"provision":)" +
                       provision + "}");
    }

    void open() {
        store = open_sqlite_store(folder + "/consultd.db", StoreRole::Owner).value();
        EXPECT_TRUE(store->bound_waits(clock.now()).ok());
        Disclosures::History history;
        audit_log = audit::AuditLog::open(
                        folder + "/audit", "test", audit_key,
                        {.visit = [&](std::uint64_t index,
                                      std::string_view entry) { history.see(index, entry); }})
                        .value();
        disclosures = Disclosures::after(std::move(history), *audit_log, random).value();
        settling = std::make_unique<steps::Settling>(clock);
        peers = std::make_unique<Peers>(
            config,
            PeerTools{
                .clock = clock,
                .random = random,
                .make_transport = [this](const fhir::HttpOptions&,
                                         Clock&) -> Result<std::unique_ptr<fhir::HttpTransport>> {
                    ++transports_made;
                    return std::unique_ptr<fhir::HttpTransport>(std::make_unique<Road>(*this));
                }});
        pipeline = std::make_unique<Pipeline>(PipelineParts{
            .config = config,
            .peers = *peers,
            .knowledge = *knowledge,
            .store = *store,
            .disclosures = *disclosures,
            .settling = *settling,
            .sealer = sealer,
            .clock = clock,
            .random = random,
            .log = log,
            .crash_point = [this](std::string_view point) { on_crash_point(point); }});
    }
    void close() {
        pipeline.reset();
        peers.reset();
        disclosures.reset();
        audit_log.reset();
        store.reset();
    }
    void restart() {
        close();
        open();
    }

    // Places the order; its transfer is the one that all the rest is about.
    void ask() {
        const PlacedOrder placed =
            place_order(order, Actor::operator_named("it-desk"), config, sealer, clock, random)
                .value();
        ASSERT_TRUE(store->create(placed.transfer, placed.parts).ok());
        id = placed.transfer.id;
    }
    Transfer transfer() { return store->find(id).value().value(); }
    Lease claim(const std::string& owner = "one") {
        Result<std::optional<Lease>> lease =
            store->claim(id, clock.now(), std::chrono::minutes(2), owner);
        EXPECT_TRUE(lease.ok() && *lease);
        return lease.ok() && *lease ? **lease : Lease{};
    }
    // One state's work when it is due.
    TransferState step() {
        if (transfer().due > clock.now()) clock.advance(transfer().due - clock.now());
        const Lease lease = claim();
        const Result<Transfer> done = pipeline->advance(lease, {});
        EXPECT_TRUE(done.ok()) << (done.ok() ? "" : done.error().message());
        EXPECT_TRUE(store->release(lease).ok());
        return transfer().state;
    }
    // Until it is in that state, or stands still.
    TransferState run_until(TransferState wanted, int steps_max = 100) {
        for (int steps = 0; transfer().state != wanted && is_runnable(transfer().state); ++steps) {
            if (steps == steps_max) {
                ADD_FAILURE() << "it goes round in circles";
                break;
            }
            step();
        }
        return transfer().state;
    }
    void replace_consent(const fhir::Json& by) {
        const Lease lease = claim();
        ASSERT_TRUE(
            store->save(lease, lease.transfer, {seal_part(sealer, id, Part::Consent, by.print())})
                .ok());
        ASSERT_TRUE(store->release(lease).ok());
    }

    // Transactions: what is searched for by POST stores nothing.
    std::size_t posts() const { return count("POST", "") - count("POST", "/_search"); }
    std::size_t count(const std::string& method, const std::string& part) const {
        std::size_t found = 0;
        for (const std::string& line : destination_log)
            found += line.starts_with(method) && line.find(part) != std::string::npos ? 1 : 0;
        return found;
    }
    // The audit events with that subtype, read back from the log.
    std::vector<fhir::Json> audited(std::string_view subtype) const {
        std::vector<fhir::Json> found;
        for (std::uint64_t index = 0; index < audit_log->size(); ++index) {
            const fhir::Json event = json_of(audit_log->entry(index).value());
            for (const fhir::JsonView coding : event["subtype"].items())
                if (coding["code"].string() == subtype) found.push_back(event);
        }
        return found;
    }
    // What the last outcome in the audit log says of the transfer; empty where there is none. After
    // one that is an end there is no other.
    std::string outcome() const {
        std::string last;
        for (const fhir::Json& event : audited("disclosure-outcome")) {
            if (audit::transfer_of(event) != id) continue;
            EXPECT_TRUE(last.empty() || last == "in-part" || last == "in-another-chart") << last;
            last = event["outcomeDesc"].string();
        }
        return last;
    }
    static fhir::HttpResponse refusal(int status) {
        return json_answer(
            status,
            R"({"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"invalid"}]})");
    }

    // The way to both; answers for the destination when `destination_says` has something to say.
    class Road final : public fhir::HttpTransport {
    public:
        explicit Road(HospitalPair& pair) : pair_(pair) {}
        std::future<Answer> start(fhir::HttpRequest request, std::stop_token stop) override {
            if (request.url.host() == "ehr.example") {
                pair_.source_log.push_back(request.method + " " + request.url.path_and_query());
                pair_.on_source_request();
                return pair_.source.transport().start(std::move(request), stop);
            }
            pair_.destination_log.push_back(request.method + " " + request.url.path_and_query());
            if (std::optional<Answer> said = pair_.destination_says(request)) {
                std::promise<Answer> promise;
                promise.set_value(*std::move(said));
                return promise.get_future();
            }
            return pair_.destination.transport().start(std::move(request), stop);
        }

    private:
        HospitalPair& pair_;
    };

    std::string folder, id;
    FakeClock clock;
    SeededRandom random;
    RecordingLog log;
    FakeFhirServer source, destination;
    std::vector<std::string> source_log, destination_log;
    std::function<std::optional<Answer>(const fhir::HttpRequest&)> destination_says =
        [](const fhir::HttpRequest&) { return std::nullopt; };
    std::function<void()> on_source_request = [] {};
    std::function<void(std::string_view)> on_crash_point = [](std::string_view) {};
    config::Config config;
    inline static const Knowledge built_in = built_in_knowledge();
    const Knowledge* knowledge = &built_in;
    crypto::Sealer sealer{Secret(std::string(32, 'k')), random};
    const crypto::Key audit_key = crypto::Key::generate(crypto::Key::Type::Ed25519).value();
    Order order;
    std::unique_ptr<Store> store;
    std::unique_ptr<audit::AuditLog> audit_log;
    std::unique_ptr<Disclosures> disclosures;
    std::unique_ptr<steps::Settling> settling;
    std::unique_ptr<Peers> peers;
    std::unique_ptr<Pipeline> pipeline;
    int transports_made = 0;
};

}  // namespace consultd::testing
