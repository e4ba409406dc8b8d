// What persons do in a world: they ask, ask again when they got no answer, cancel, let what is held
// go on, and change the configuration, at any moment.
#include <algorithm>

#include "fhir/base/crypto.h"
#include "tests/simulation/world.h"

namespace consultd::simulation {
namespace {

using fhir::Json;

constexpr std::int64_t hour_ms = 3'600'000;
constexpr std::int64_t asking_span_ms = 8 * hour_ms;
constexpr std::int64_t calm_after_ms = 20 * hour_ms;
// When everybody who can lets what is held go on, after it has become calm.
constexpr std::int64_t last_retries_ms[] = {hour_ms, 12 * hour_ms, 72 * hour_ms};
// More than a destination here takes to store what it was sent, and to find it (network.cpp); and
// more than a process stands still (world.cpp) with a request in its hands, which leaves when it
// goes on.
constexpr Milliseconds settle = std::chrono::minutes(11);
constexpr Milliseconds follow_every = std::chrono::hours(12);
constexpr Milliseconds follow_span = std::chrono::hours(24 * 10);

Json task_of(const Wish& wish, const std::string& patient) {
    const auto input = [](const char* code, std::pair<std::string_view, Json> value) {
        return Json::object(
            {{"type", Json::object({{"coding",
                                     Json::array({Json::object({{"system", "urn:consultd:transfer"},
                                                                {"code", code}})})}})},
             std::move(value)});
    };
    return Json::object(
        {{"resourceType", "Task"},
         {"contained", Json::array({wish.consent})},
         {"identifier",
          Json::array({Json::object({{"system", "urn:wishes"}, {"value", wish.question}})})},
         {"status", "requested"},
         {"intent", "order"},
         {"code", Json::object({{"coding", Json::array({Json::object({{"code", "fulfill"}})})}})},
         {"for", Json::object({{"reference", "Patient/" + patient}})},
         {"input", Json::array({input("source", {"valueString", wish.source}),
                                input("destination", {"valueString", wish.destination}),
                                input("question", {"valueString", wish.question}),
                                input("consent", {"valueReference",
                                                  Json::object({{"reference", "#consent"}})})})}});
}

config::Auth auth_of(const Institution& institution) {
    const std::string token = institution.authorization().substr(7);
    config::Auth auth;
    auth.type = config::Auth::Type::Bearer;
    auth.token_file = file_with(token, token);
    return auth;
}

}  // namespace

void World::make_institutions() {
    for (const char* key : {"north", "south"}) {
        auto made = std::make_unique<Institution>(Role::Source, std::string(key) + ".example",
                                                  chance_, clock_);
        network_.add(*made);
        config_.sources[key] = {.key = key,
                                .name = std::string(key) + " Hospital",
                                .fhir_base_url = fhir::Url::parse(made->base()).value(),
                                .auth = auth_of(*made)};
        institutions_[key] = std::move(made);
    }
    for (const char* key : {"center", "clinic"}) {
        auto made = std::make_unique<Institution>(Role::Destination, std::string(key) + ".example",
                                                  chance_, clock_);
        network_.add(*made);
        history_.tell(0, made->host() + " is" + made->habits());
        config_.destinations[key] = {
            .key = key,
            .name = std::string(key) + " of Excellence",
            .fhir_base_url = fhir::Url::parse(made->base()).value(),
            .auth = auth_of(*made),
            .organization = config::OrganizationId{"http://hl7.org/fhir/sid/us-npi", "1234567893"},
            .deliver = {.settle = settle},
            .follow = {.every = follow_every, .span = follow_span}};
        institutions_[key] = std::move(made);
    }
    config_.state.directory = "/nowhere";
    config_.listen.public_url = "https://consult.example";
    config_.listen.operators.push_back(
        {"it-desk", file_with("operator.hash", crypto::hex(crypto::sha256(operator_token)))});
    whole_config_ = config_;
}

void World::make_wishes() {
    const std::vector<std::string> sources{"north", "south"}, destinations{"center", "clinic"};
    std::vector<std::size_t> patients_of[2];
    for (std::size_t i = 0; i < transfers_; ++i) {
        const std::size_t from = chance_.below(2);
        Wish wish;
        if (patients_of[from].empty() || !chance_.once_in(4)) {
            patients_of[from].push_back(patients_.size());
            patients_.push_back(make_patient(chance_, patients_.size(),
                                             institutions_[sources[from]]->store(), clock_.now()));
        }
        wish.patient = chance_.one_of(patients_of[from]);
        constexpr Sharing likely[] = {Sharing::All, Sharing::All, Sharing::NoConditions,
                                      Sharing::NoRestricted, Sharing::NoStigma};
        constexpr Sharing seldom[] = {Sharing::EndsSoon, Sharing::EndsSoon, Sharing::Expired,
                                      Sharing::OtherRecipient};
        wish.sharing = chance_.once_in(5) ? chance_.one_of(seldom) : chance_.one_of(likely);
        wish.after = Milliseconds(chance_.between(0, asking_span_ms));
        wish.until = clock_.now() + wish.after + Milliseconds(chance_.between(1'000, 3 * hour_ms));
        wish.source = sources[from];
        wish.destination = chance_.one_of(destinations);
        wish.question = "Question " + std::to_string(i) + "?";
        wish.consent = make_consent(patients_[wish.patient], wish.sharing, wish.until);
        wishes_.push_back(std::move(wish));
    }
}

void World::later(Milliseconds from_now, void (World::*act)()) {
    clock_.at(from_now, [this, act] { (this->*act)(); });
}

void World::plan_persons() {
    for (std::size_t wish = 0; wish < wishes_.size(); ++wish)
        clock_.at(wishes_[wish].after, [this, wish] { place(wish); });
    for (std::size_t i = 0; i < transfers_ / 2; ++i) {
        const auto any_time = [this] { return Milliseconds(chance_.between(0, calm_after_ms)); };
        later(any_time(), &World::cancel_some);
        later(any_time(), &World::retry_some);
        if (i % 4 == 0) later(any_time(), &World::change_configuration);
        if (i % 4 == 1) later(any_time(), &World::back_up);
    }
    later(Milliseconds(calm_after_ms), &World::become_calm);
    for (const std::int64_t after : last_retries_ms)
        later(Milliseconds(calm_after_ms + after), &World::retry_some);
}

void World::become_calm() {
    history_.tell(clock_.elapsed_ms(), "it becomes calm");
    weather_.calm_down();
    config_ = whole_config_;
    if (daemon_.is_running()) daemon_.reload(config_);
}

// Whoever gets no answer asks again; what became of the first order, the daemon knows.
void World::place(std::size_t wish) {
    if (wishes_[wish].is_placed) return;
    clock_.at(std::chrono::minutes(15), [this, wish] { place(wish); });
    if (!daemon_.is_running()) return;
    history_.tell(clock_.elapsed_ms(), "wish " + std::to_string(wish) + " is asked for");
    placing_ = wish;
    const std::string body = task_of(wishes_[wish], patients_[wishes_[wish].patient].id).print();
    const web::ServerResponse answer = daemon_.ask("POST", "/fhir/Task", body);
    adopt_orphans();
    wishes_[wish].is_placed = answer.status == 201 || answer.status == 200;
}

// Transfers that are in the state and that nobody was told of.
void World::adopt_orphans() {
    for (const auto& [id, sequence] : tables_.order) {
        if (asked_.contains(id)) continue;
        asked_[id].wish = placing_.value();
        history_.tell(clock_.elapsed_ms(),
                      "transfer " + id + " is wish " + std::to_string(asked_[id].wish));
    }
    placing_.reset();
}

// A consultant looks at what came, some day, and mostly says something.
void World::consult(const std::string& transfer, Institution& there) {
    const auto asked = asked_.find(transfer);
    if (asked == asked_.end() || ++asked->second.stored > 1 || chance_.once_in(8)) return;
    asked->second.is_consulted = true;
    const auto opinion =
        chance_.once_in(4) ? Institution::Opinion::Rejected : Institution::Opinion::Given;
    clock_.at(Milliseconds(chance_.between(hour_ms, 96 * hour_ms)),
              [transfer, opinion, &there] { there.conclude(transfer, opinion); });
}

void World::back_up() { copy_ = tables_; }

// The operator puts the copy in the place of a state that is lost. What was asked for since is
// asked for again, and what was withdrawn since is not withdrawn: nobody can know.
void World::put_back() {
    history_.tell(clock_.elapsed_ms(), "an older copy of the state is put back");
    tables_ = *std::move(copy_);
    copy_.reset();
    for (auto asked = asked_.begin(); asked != asked_.end();) {
        const std::size_t wish = asked->second.wish;
        const bool is_known = tables_.find(asked->first) != nullptr;
        asked->second.was_put_back = true;
        asked->second.was_withdrawn = false;
        asked->second.checked.reset();
        asked = is_known ? std::next(asked) : asked_.erase(asked);
        if (is_known || !wishes_[wish].is_placed) continue;
        wishes_[wish].is_placed = false;
        wishes_[wish].is_asked_again = true;
        clock_.at(std::chrono::minutes(1), [this, wish] { place(wish); });
    }
}

void World::cancel_some() {
    if (!daemon_.is_running() || asked_.empty()) return;
    auto chosen = asked_.begin();
    std::advance(chosen, static_cast<std::ptrdiff_t>(chance_.below(asked_.size())));
    const std::string id = chosen->first;
    const std::size_t packets_before = chosen->second.packets;
    const web::ServerResponse answer = daemon_.ask("POST", "/fhir/Task/" + id + "/$cancel");
    history_.tell(clock_.elapsed_ms(), "cancel of " + id + ": " + std::to_string(answer.status));
    if (answer.status == 200 && packets_before == 0) asked_[id].was_withdrawn = true;
}

void World::retry_some() {
    if (!daemon_.is_running()) {
        if (weather_.is_calm()) later(std::chrono::minutes(1), &World::retry_some);
        return;
    }
    for (const auto& [id, asked] : asked_) {
        if (tables_.find(id)->transfer.state != TransferState::Held) continue;
        if (!weather_.is_calm() && chance_.once_in(2)) continue;
        const Status done = daemon_.retry(id);
        history_.tell(clock_.elapsed_ms(),
                      "retry of " + id + ": " + (done ? "taken" : done.error().message()));
    }
}

void World::change_configuration() {
    if (!daemon_.is_running() || weather_.is_calm()) return;
    config_ = whole_config_;
    for (auto& [key, source] : config_.sources) {
        source.pull.page_size = static_cast<std::uint32_t>(chance_.between(1, 100));
        source.pull.parallel = static_cast<std::uint32_t>(chance_.between(1, 8));
    }
    for (auto& [key, destination] : config_.destinations)
        destination.follow.every = std::chrono::hours(chance_.between(1, 24));
    if (chance_.once_in(4)) config_.destinations.erase("clinic");
    if (chance_.once_in(4)) config_.sources.erase("south");
    history_.tell(clock_.elapsed_ms(), "the configuration changes");
    daemon_.reload(config_);
}

// Everything that was wished for was asked for, nothing goes on, and nobody will do anything.
bool World::is_over() const {
    const bool is_all_asked = std::all_of(wishes_.begin(), wishes_.end(),
                                          [](const Wish& wish) { return wish.is_placed; });
    if (!weather_.is_calm() || !is_all_asked) return false;
    const std::int64_t done_ms = calm_after_ms + last_retries_ms[std::size(last_retries_ms) - 1];
    if (clock_.elapsed_ms() <= done_ms + hour_ms) return false;
    return std::none_of(tables_.rows.begin(), tables_.rows.end(),
                        [](const auto& row) { return is_runnable(row.second.transfer.state); });
}

}  // namespace consultd::simulation
