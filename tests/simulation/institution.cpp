#include "tests/simulation/institution.h"

#include <algorithm>
#include <map>

namespace consultd::simulation {
namespace {

constexpr std::string_view transfer_system = "urn:consultd:transfer";
constexpr std::string_view entry_system = "urn:consultd:entry";

sandbox::SandboxOptions options_of(Role role, bool takes_our_ids, Chance& chance) {
    sandbox::SandboxOptions options;
    options.writable = role == Role::Destination;
    options.needs_token = false;  // the road looks at tokens
    options.page_size = static_cast<std::size_t>(chance.between(2, 30));
    options.page_size_max = options.page_size;
    options.write.update_create = takes_our_ids;
    return options;
}

// A server that does not know conditional creates does not see the condition.
std::string without_conditions(std::string body) {
    constexpr std::string_view start = R"(,"ifNoneExist":")";
    for (std::size_t at = body.find(start); at != std::string::npos; at = body.find(start, at)) {
        std::size_t end = at + start.size();
        while (end < body.size() && body[end] != '"') end += body[end] == '\\' ? 2 : 1;
        body.erase(at, end + 1 - at);
    }
    return body;
}

// What says whose it is: our identifiers, and our tag where a type has no identifier.
std::vector<std::string> names_of(fhir::JsonView resource) {
    std::vector<std::string> names;
    const auto add = [&](fhir::JsonView item, const char* value) {
        const std::string_view system = item["system"].string();
        if (system == transfer_system || system == entry_system)
            names.push_back(std::string(system) + "|" + std::string(item[value].string()));
    };
    const fhir::JsonView identifier = resource["identifier"];
    if (identifier.is_object()) add(identifier, "value");
    for (const fhir::JsonView item : identifier.items()) add(item, "value");
    for (const fhir::JsonView tag : resource.at("meta", "tag").items()) add(tag, "code");
    return names;
}

bool is_of(const std::string& name, const std::string& transfer) {
    return name == std::string(transfer_system) + "|" + transfer ||
           name.starts_with(std::string(entry_system) + "|" + transfer + "/");
}

}  // namespace

Institution::Institution(Role role, std::string host, Chance& chance, const SimClock& clock)
    : role_(role),
      host_(std::move(host)),
      takes_our_ids_(role == Role::Destination && chance.once_in(3)),
      honours_conditions_(!chance.once_in(3)),
      random_(chance.next()),
      clock_(clock),
      sandbox_(
          [&] {
              sandbox::SandboxOptions options = options_of(role, takes_our_ids_, chance);
              if (role == Role::Destination) take_habits(chance, options);
              return options;
          }(),
          clock_, random_) {
    sandbox_.set_origin("https://" + host_);
}

// None in half of the worlds; one or two in the others. Their times are shorter than the time that
// the product gives a destination here (persons.cpp).
void Institution::take_habits(Chance& chance, sandbox::SandboxOptions& options) {
    constexpr std::string_view all[] = {
        "batch",          "slow-commit",         "lagging-index", "search-cache",
        "no-conditions",  "eight-entries",       "small-bodies",  "commit-then-4xx",
        "no-transaction", "no-binary-conditions"};
    constexpr std::string_view in_parts[] = {"batch", "eight-entries", "small-bodies",
                                             "no-transaction"};
    if (chance.once_in(2)) return;
    for (std::int64_t left = chance.between(1, 2); left > 0; --left) {
        std::string habit(chance.one_of(all));
        if (habit == "slow-commit") {
            commit_ = Milliseconds(chance.between(1'000, 12'000));
        } else {
            if (habit == "lagging-index") habit += ":" + std::to_string(chance.between(1, 10));
            if (habit == "small-bodies") habit += ":100000";
            if (!options.habits.add(habit)) continue;
        }
        for (const std::string_view name : in_parts)
            takes_parts_ = takes_parts_ || habit.starts_with(name);
        finds_at_once_ = finds_at_once_ && !habit.starts_with("lagging-index");
        habits_.push_back(std::move(habit));
    }
}

std::string Institution::habits() const {
    std::string text;
    for (const std::string& habit : habits_) text += " " + habit;
    if (commit_.count() > 0) text += " (" + std::to_string(commit_.count()) + " ms)";
    return text;
}

fhir::HttpResponse Institution::answer(const fhir::HttpRequest& request) {
    web::ServerRequest asked{.method = request.method,
                             .path = web::decode_path(request.url.path()).value_or("/"),
                             .query = request.url.query(),
                             .headers = request.headers.all(),
                             .body = request.body};
    if (role_ == Role::Destination && !honours_conditions_ && !takes_our_ids_)
        asked.body = without_conditions(std::move(asked.body));
    web::ServerResponse said = sandbox_.handle(asked);
    fhir::HttpResponse response;
    response.status = said.drop ? 0 : said.status;
    for (auto& [name, value] : said.headers) response.headers.add(name, value);
    response.body = std::move(said.body);
    return response;
}

std::vector<std::string> Institution::tasks_of(const std::string& transfer) const {
    std::vector<std::string> keys;
    const std::string wanted = std::string(transfer_system) + "|" + transfer;
    for (const auto& [id, stored] : sandbox_.store().of_type("Task")) {
        const std::vector<std::string> names = names_of(stored.json);
        if (std::find(names.begin(), names.end(), wanted) != names.end())
            keys.push_back("Task/" + id);
    }
    return keys;
}

std::size_t Institution::copies_of(const std::string& transfer) const {
    std::map<std::string, std::size_t> copies;
    std::size_t most = 0;
    for (const auto& [type, by_id] : sandbox_.store().all())
        for (const auto& [id, stored] : by_id)
            for (const std::string& name : names_of(stored.json))
                if (is_of(name, transfer)) most = std::max(most, ++copies[type + " " + name]);
    return most;
}

std::string Institution::bytes_of(const std::string& transfer) const {
    std::string bytes;
    for (const auto& [type, by_id] : sandbox_.store().all())
        for (const auto& [id, stored] : by_id) {
            const std::vector<std::string> names = names_of(stored.json);
            if (std::any_of(names.begin(), names.end(),
                            [&](const std::string& name) { return is_of(name, transfer); }))
                bytes += stored.json.print() + "\n";
        }
    return bytes;
}

std::string Institution::bytes() const {
    std::string bytes;
    for (const auto& [type, by_id] : sandbox_.store().all())
        for (const auto& [id, stored] : by_id) bytes += stored.json.print() + "\n";
    return bytes;
}

void Institution::conclude(const std::string& transfer, Opinion opinion) {
    for (const std::string& key : tasks_of(transfer)) {
        const std::string id = key.substr(5);
        if (opinion == Opinion::Given) {
            sandbox_.handle({.method = "POST", .path = "/sandbox/answer/" + id});
            continue;
        }
        const fhir::Json task = store().find_alive(key)->json;
        store().put("Task", id, task.with("status", "rejected"), clock_.now());
    }
}

}  // namespace consultd::simulation
