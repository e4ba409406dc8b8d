// FakeFhirServer: a FHIR server of a few hundred bytes of behaviour behind an HttpTransport:
// resources in memory, read, search by patient, category, identifier and target with pages,
// transactions with ifNoneExist, and faults on request.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "fhir/client/fhir_client.h"
#include "fhir/reference.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_transport.h"

namespace consultd::testing {

class OpenDoor final : public fhir::Credentials {
public:
    Result<std::optional<std::string>> authorization(const fhir::Url&, Deadline,
                                                     std::stop_token) override {
        return std::optional<std::string>();
    }
    void refused(std::string_view) override {}
};

inline fhir::Json json_of(std::string text) { return fhir::Json::parse(std::move(text)).value(); }

class FakeFhirServer {
public:
    using Answer = FakeTransport::Answer;

    FakeFhirServer()
        : transport_([this](const fhir::HttpRequest& request) { return handle(request); }),
          base_(fhir::Url::parse("https://ehr.example/fhir").value()),
          client_(base_, transport_, door_, clock_) {}

    fhir::FhirClient& client() { return client_; }
    FakeClock& clock() { return clock_; }
    FakeTransport& transport() { return transport_; }
    fhir::Call call() { return {.deadline = Deadline::after(clock_, std::chrono::minutes(5))}; }

    // A resource with its id; `text` is JSON. The type becomes searchable by `patient`.
    void put(std::string text) {
        fhir::Json json = json_of(std::move(text));
        const std::string type(json["resourceType"].string());
        offer(type, {"patient"});
        resources_[type + "/" + std::string(json["id"].string())] = std::move(json);
    }
    // Comes back from every search for that type, whoever was asked for.
    void plant(const std::string& searched_type, std::string text) {
        offer(searched_type, {"patient"});
        planted_[searched_type].push_back(json_of(std::move(text)));
    }
    void plant_undeclared(const std::string& searched_type, std::string text) {
        planted_[searched_type].push_back(json_of(std::move(text)));
    }
    // The same, in an entry with this fullUrl.
    void plant_at(const std::string& searched_type, std::string full_url, std::string text) {
        plant(searched_type, text);
        planted_urls_[json_of(std::move(text)).print()] = std::move(full_url);
    }
    void offer(const std::string& type, const std::set<std::string>& parameters) {
        offered_[type].insert(parameters.begin(), parameters.end());
    }
    // A search of that type without one of these parameters is answered with 400, as vendors do.
    void demand(const std::string& type, const std::set<std::string>& parameters) {
        demanded_[type] = parameters;
    }
    // Types that /metadata names without a word on how they are searched.
    void offer_without_parameters(const std::string& type) { offered_[type]; }
    // What a search of that type does not know, it makes light of: everybody's comes.
    void ignore_parameters_of(const std::string& type) { ignoring_.insert(type); }
    // Patient/{id}/$everything: what is about the patient; an empty page and no more after the
    // first; a next that leads elsewhere; something left out.
    void offer_everything() {
        has_everything_ = true;
        offer("Patient", {"_id"});
    }
    void cut_everything_after_first_page() { cuts_everything_ = true; }
    void lead_everything_to(std::string url) { everything_leads_to_ = std::move(url); }
    void leave_out_of_everything(const std::string& key) { left_out_.insert(key); }
    void offer_provenance_with(const std::string& type) { revincludes_.insert(type); }
    void erase(const std::string& key) { resources_.erase(key); }
    // Nothing is deleted that something else refers to.
    void mind_references() { minds_references_ = true; }
    // Raw bytes at a path below the host.
    void put_bytes(const std::string& path, std::string content_type, std::string bytes) {
        bytes_[path] = {std::move(content_type), std::move(bytes)};
    }
    // The next `times` requests whose path and query contain `part` are answered so.
    void fail(const std::string& part, int status, int times = 1 << 20) {
        faults_.push_back({part, Answer(json_answer(status, outcome)), times});
    }
    void fail_with(const std::string& part, Answer answer, int times = 1) {
        faults_.push_back({part, std::move(answer), times});
    }
    // No faults any more.
    void heal() { faults_.clear(); }
    // What happens once a request with that `part` has been answered.
    void answer_then(const std::string& part, std::function<void()> then) {
        then_.emplace_back(part, std::move(then));
    }
    // The next request is answered so.
    void answer_next(Answer answer) { faults_.push_back({"", std::move(answer), 1}); }
    // After a transaction was applied: what comes instead of its answer.
    std::optional<Answer> instead_of_transaction_response;

    std::size_t requests_for(const std::string& part) {
        std::size_t count = 0;
        for (const fhir::HttpRequest& request : transport_.requests())
            count += request.url.path_and_query().find(part) != std::string::npos ? 1 : 0;
        return count;
    }
    std::size_t count_of(const std::string& type) const {
        std::size_t count = 0;
        for (const auto& [key, json] : resources_) count += key.starts_with(type + "/") ? 1 : 0;
        return count;
    }
    const std::map<std::string, fhir::Json>& resources() const { return resources_; }

private:
    struct Fault {
        std::string part;
        Answer answer;
        int times;
    };
    static constexpr const char* outcome =
        R"({"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"processing"}]})";

    Answer handle(const fhir::HttpRequest& request) {
        Answer given = answer_to(request);
        for (const auto& [part, then] : then_)
            if (request.url.path_and_query().find(part) != std::string::npos) then();
        return given;
    }
    Answer answer_to(const fhir::HttpRequest& request) {
        const std::string target = request.url.path_and_query();
        for (Fault& fault : faults_)
            if (fault.times > 0 && target.find(fault.part) != std::string::npos) {
                --fault.times;
                return fault.answer;
            }
        if (const auto found = bytes_.find(request.url.path()); found != bytes_.end())
            return answer(200, found->second.first, found->second.second);
        std::string path =
            request.url.path().substr(std::min<std::size_t>(6, request.url.path().size()));
        if (request.method == "POST" && path.ends_with("/_search"))
            return answer_search(path.substr(0, path.size() - 8), request.body);
        if (request.method == "POST" && !path.empty()) return create(request.body);
        if (request.method == "POST") return transact(request.body);
        if (request.method == "PUT") {
            resources_[path] = json_of(request.body);
            return json_answer(200, request.body);
        }
        if (request.method == "DELETE") return remove(path);
        if (path == "metadata") return json_answer(200, metadata().print());
        if (has_everything_ && path.ends_with("/$everything"))
            return answer_everything(path, parameters_of(request.url.query()));
        if (const auto found = resources_.find(path); found != resources_.end())
            return json_answer(200, found->second.print());
        return answer_search(path, request.url.query());
    }
    Answer answer_everything(const std::string& path,
                             std::map<std::string, std::string> asked) const {
        const std::string id = path.substr(8, path.find('/', 8) - 8);
        std::vector<fhir::Json> matches;
        for (const auto& [key, json] : resources_)
            if ((is_about(json, id) || key == "Patient/" + id) && !left_out_.contains(key))
                matches.push_back(json);
        const std::size_t offset = asked.contains("_offset") ? std::stoul(asked["_offset"]) : 0;
        if (cuts_everything_ && offset > 0) matches.clear();
        const std::size_t count = asked.contains("_count") ? std::stoul(asked["_count"]) : 20;
        fhir::Json page = page_of(path, asked, matches, offset, count);
        if (!everything_leads_to_.empty())
            page = page.with("link", fhir::Json::array({fhir::Json::object(
                                         {{"relation", "next"}, {"url", everything_leads_to_}})}));
        return json_answer(200, page.print());
    }
    Answer answer_search(const std::string& type, const std::string& query) const {
        if (!offered_.contains(type)) return json_answer(404, outcome);
        std::map<std::string, std::string> parameters = parameters_of(query);
        if (const auto found = demanded_.find(type); found != demanded_.end()) {
            bool has_one = false;
            for (const std::string& name : found->second)
                has_one = has_one || parameters.contains(name);
            if (!has_one) return json_answer(400, outcome);
        }
        return search(type, std::move(parameters));
    }

    fhir::Json metadata() const {
        std::vector<fhir::Json> types;
        for (const auto& [type, parameters] : offered_) {
            std::vector<fhir::Json> names;
            for (const std::string& name : parameters)
                names.push_back(fhir::Json::object({{"name", name}, {"type", "reference"}}));
            fhir::Json entry = fhir::Json::object(
                {{"type", type},
                 {"interaction",
                  fhir::Json::array({fhir::Json::object({{"code", "read"}}),
                                     fhir::Json::object({{"code", "search-type"}})})},
                 {"searchParam", fhir::Json::array(std::move(names))}});
            if (revincludes_.contains(type))
                entry = entry.with("searchRevInclude",
                                   fhir::Json::array({fhir::Json("Provenance:target")}));
            if (type == "Patient" && has_everything_)
                entry = entry.with(
                    "operation", fhir::Json::array({fhir::Json::object({{"name", "everything"}})}));
            types.push_back(entry);
        }
        return fhir::Json::object(
            {{"resourceType", "CapabilityStatement"},
             {"fhirVersion", "4.0.1"},
             {"rest",
              fhir::Json::array({fhir::Json::object(
                  {{"mode", "server"}, {"resource", fhir::Json::array(std::move(types))}})})}});
    }

    static std::map<std::string, std::string> parameters_of(const std::string& query) {
        std::map<std::string, std::string> parameters;
        for (std::size_t at = 0; at < query.size();) {
            const std::size_t end = std::min(query.find('&', at), query.size());
            const std::string pair = query.substr(at, end - at);
            const std::size_t equals = std::min(pair.find('='), pair.size());
            parameters[pair.substr(0, equals)] =
                decoded(pair.substr(std::min(equals + 1, pair.size())));
            at = end + 1;
        }
        return parameters;
    }
    static std::string decoded(const std::string& text) {
        std::string out;
        for (std::size_t at = 0; at < text.size(); ++at) {
            if (text[at] == '%') {
                out += static_cast<char>(std::stoi(text.substr(at + 1, 2), nullptr, 16));
                at += 2;
            } else {
                out += text[at];
            }
        }
        return out;
    }

    static bool is_about(const fhir::Json& json, const std::string& patient) {
        for (const char* element : {"subject", "patient", "beneficiary"})
            if (json[element]["reference"].string() == "Patient/" + patient) return true;
        return false;
    }
    // Of "system|code,code": any of the codes.
    static bool has_category(const fhir::Json& json, const std::string& tokens) {
        for (const fhir::JsonView category : json["category"].items())
            for (const fhir::JsonView coding : category["coding"].items()) {
                const std::string code(coding["code"].string());
                if (tokens.ends_with("|" + code) ||
                    ("," + tokens + ",").find("," + code + ",") != std::string::npos)
                    return true;
            }
        return false;
    }
    static bool has_identifier(const fhir::Json& json, const std::string& token) {
        // system|value, in which "\\|" is a plain bar.
        std::string parts[2];
        std::size_t part = 0;
        for (std::size_t at = 0; at < token.size(); ++at) {
            if (token[at] == '|' && part == 0)
                part = 1;
            else
                parts[part] += token[at] == '\\' && at + 1 < token.size() ? token[++at] : token[at];
        }
        const auto is_it = [&](fhir::JsonView identifier) {
            if (part == 0) return identifier["value"].string() == parts[0];  // of any system
            return identifier["system"].string() == parts[0] &&
                   identifier["value"].string() == parts[1];
        };
        for (const fhir::JsonView identifier : json["identifier"].items())
            if (is_it(identifier)) return true;
        return json["identifier"].is_object() && is_it(json["identifier"]);
    }
    static bool has_family(const fhir::Json& json, const std::string& family) {
        for (const fhir::JsonView name : json["name"].items())
            if (name["family"].string() == family) return true;
        return false;
    }
    static bool has_target(const fhir::Json& json, const std::string& keys) {
        for (const fhir::JsonView target : json["target"].items())
            if (("," + keys + ",").find("," + std::string(target["reference"].string()) + ",") !=
                std::string::npos)
                return true;
        return false;
    }

    Answer search(const std::string& type, std::map<std::string, std::string> parameters) const {
        std::vector<fhir::Json> matches;
        for (const auto& [key, json] : resources_) {
            bool fits = key.starts_with(type + "/");
            if (parameters.contains("patient") && !ignoring_.contains(type))
                fits = fits && is_about(json, parameters["patient"]);
            if (parameters.contains("category"))
                fits = fits && has_category(json, parameters["category"]);
            if (parameters.contains("identifier"))
                fits = fits && has_identifier(json, parameters["identifier"]);
            if (parameters.contains("birthdate"))
                fits = fits && json["birthDate"].string().starts_with(parameters["birthdate"]);
            if (parameters.contains("family"))
                fits = fits && has_family(json, parameters["family"]);
            if (parameters.contains("target"))
                fits = fits && has_target(json, parameters["target"]);
            if (fits) matches.push_back(json);
        }
        if (const auto found = planted_.find(type); found != planted_.end())
            matches.insert(matches.end(), found->second.begin(), found->second.end());
        if (parameters["_summary"] == "count")
            return json_answer(
                200, fhir::Json::object(
                         {{"resourceType", "Bundle"},
                          {"type", "searchset"},
                          {"total", fhir::Json(static_cast<std::int64_t>(matches.size()))}})
                         .print());
        const std::size_t count =
            parameters.contains("_count") ? std::stoul(parameters["_count"]) : 20;
        const std::size_t offset =
            parameters.contains("_offset") ? std::stoul(parameters["_offset"]) : 0;
        return json_answer(200, page_of(type, parameters, matches, offset, count).print());
    }

    fhir::Json page_of(const std::string& type, std::map<std::string, std::string> parameters,
                       const std::vector<fhir::Json>& matches, std::size_t offset,
                       std::size_t count) const {
        std::vector<fhir::Json> entries;
        const auto entry = [&](const fhir::Json& json, const char* mode) {
            const std::string key =
                std::string(json["resourceType"].string()) + "/" + std::string(json["id"].string());
            const auto planted = planted_urls_.find(json.print());
            const std::string url = planted == planted_urls_.end()
                                        ? "https://ehr.example/fhir/" + key
                                        : planted->second;
            return fhir::Json::object({{"fullUrl", url},
                                       {"resource", json},
                                       {"search", fhir::Json::object({{"mode", mode}})}});
        };
        for (std::size_t at = offset; at < std::min(offset + count, matches.size()); ++at) {
            entries.push_back(entry(matches[at], "match"));
            if (!parameters.contains("_revinclude")) continue;
            const std::string key = type + "/" + std::string(matches[at]["id"].string());
            for (const auto& [name, json] : resources_)
                if (name.starts_with("Provenance/") && has_target(json, key))
                    entries.push_back(entry(json, "include"));
        }
        fhir::Json bundle = fhir::Json::object({{"resourceType", "Bundle"}, {"type", "searchset"}});
        if (!entries.empty()) bundle = bundle.with("entry", fhir::Json::array(std::move(entries)));
        fhir::Query done;
        for (const auto& [name, value] : parameters)
            if (!value.empty()) done.add(name, value);
        const std::string self = "https://ehr.example/fhir/" + type +
                                 (ignoring_.contains(type) ? "" : "?" + done.text());
        const fhir::Json self_link = fhir::Json::object({{"relation", "self"}, {"url", self}});
        bundle = bundle.with("link", fhir::Json::array({self_link}));
        if (offset + count >= matches.size()) return bundle;
        fhir::Query next;
        parameters["_offset"] = std::to_string(offset + count);
        for (const auto& [name, value] : parameters) next.add(name, value);
        const fhir::Json link =
            fhir::Json::object({{"relation", "next"},
                                {"url", "https://ehr.example/fhir/" + type + "?" + next.text()}});
        return bundle.with("link", fhir::Json::array({self_link, link}));
    }

    // fake_fhir_writes.h
    Answer create(const std::string& body);
    Answer remove(const std::string& key);
    void relink(const std::map<std::string, std::string>& links, const std::string& key);
    Answer transact(const std::string& body);

    FakeClock clock_;
    OpenDoor door_;
    FakeTransport transport_;
    fhir::Url base_;
    fhir::FhirClient client_;
    std::map<std::string, fhir::Json> resources_;
    std::map<std::string, std::vector<fhir::Json>> planted_;
    std::map<std::string, std::string> planted_urls_;  // by the resource's text
    std::map<std::string, std::set<std::string>> offered_;
    std::map<std::string, std::set<std::string>> demanded_;
    std::set<std::string> ignoring_, revincludes_, left_out_;
    bool has_everything_ = false, cuts_everything_ = false, minds_references_ = false;
    std::string everything_leads_to_;
    std::map<std::string, std::pair<std::string, std::string>> bytes_;
    std::vector<Fault> faults_;
    std::vector<std::pair<std::string, std::function<void()>>> then_;
    int last_id_ = 0;
};

}  // namespace consultd::testing

#include "tests/support/fake_fhir_writes.h"
