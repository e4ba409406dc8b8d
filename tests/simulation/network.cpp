#include "tests/simulation/network.h"

#include <algorithm>

#include "tests/simulation/records.h"

namespace consultd::simulation {
namespace {

using fhir::HttpRequest;
using fhir::HttpResponse;
using fhir::Json;

// How long after a failed exchange a destination may still store what it was sent, and let it be
// found: less than the time that the product gives it.
constexpr std::int64_t late_ms_max = 14'000;
constexpr Milliseconds idle_max = std::chrono::seconds(60);

// Of whose packet it is, or a part of one.
std::string transfer_in(const std::string& body) {
    for (const std::string_view mark : {R"("system":"urn:consultd:transfer","value":")",
                                        R"("system":"urn:consultd:entry","value":")",
                                        R"("system":"urn:consultd:entry","code":")"})
        if (const std::size_t at = body.find(mark); at != std::string::npos)
            return body.substr(at + mark.size(), 36);
    return {};
}

bool is_packet(const HttpRequest& request) {
    const bool is_write = (request.method == "POST" && !request.url.path().ends_with("/_search")) ||
                          request.method == "PUT";
    const bool is_withdrawal = request.url.path().ends_with("/Communication") ||
                               request.body.find(R"("status":"cancelled")") != std::string::npos;
    return is_write && !is_withdrawal && !transfer_in(request.body).empty();
}

bool is_search(const HttpResponse& response) {
    return response.status == 200 && response.body.find("\"searchset\"") != std::string::npos;
}

Error no_connection() { return Error(ErrorKind::Unavailable, "no connection"); }
Error cut_off(const HttpRequest& request) {
    return request.effect == HttpRequest::Effect::Write
               ? Error(ErrorKind::Uncertain, "the connection broke after the request")
               : Error(ErrorKind::Unavailable, "the connection broke");
}

}  // namespace

class Road final : public fhir::HttpTransport {
public:
    explicit Road(Network& network) : network_(network) {}
    std::future<Network::Answer> start(HttpRequest request, std::stop_token stop) override {
        std::promise<Network::Answer> promise;
        promise.set_value(network_.exchange(request, stop));
        return promise.get_future();
    }

private:
    Network& network_;
};

std::unique_ptr<fhir::HttpTransport> Network::road() { return std::make_unique<Road>(*this); }

// Promise 8: a token goes to the origin it was issued for and nowhere else.
void Network::check_token(const HttpRequest& request, const Institution* there) const {
    const auto sent = request.headers.find("Authorization");
    if (there == nullptr) {
        if (sent) history_.violated("only where it belongs", "a token went to another origin");
        history_.violated("only where it belongs", "a request went to " + request.url.origin());
    }
    if (sent && *sent != there->authorization())
        history_.violated("only where it belongs", "a token of another went to " + there->host());
    if (request.url.text().find("token-of-") != std::string::npos)
        history_.violated("only where it belongs", "a token stands in a URL");
}

Network::Answer Network::exchange(const HttpRequest& request, const std::stop_token& stop) {
    if (stop.stop_requested()) return Error(ErrorKind::Cancelled, "stopped before it began");
    if (request.deadline.passed(clock_)) return no_connection();
    ++exchanges_;
    const auto found = institutions_.find(request.url.host());
    Institution* const there = found == institutions_.end() ? nullptr : found->second;
    check_token(request, there);
    const bool carries_packet = is_packet(request);
    history_.tell(clock_.elapsed_ms(),
                  request.method + " " + request.url.text() +
                      (carries_packet ? " packet of " + transfer_in(request.body) : ""));
    if (carries_packet) watchers_.packet_leaves(transfer_in(request.body), request.body, *there);
    // Whatever happens meanwhile happens before or after the other side has acted.
    const bool acts_first = chance_.once_in(2);
    if (!acts_first) watchers_.meanwhile(request);
    if (stop.stop_requested() && !acts_first) return cut_off(request);
    clock_.advance(Milliseconds(chance_.between(1, 60)));
    Answer answer = carries_packet ? send_packet(request, *there) : read(request, *there);
    if (acts_first) watchers_.meanwhile(request);
    if (request.deadline.passed(clock_)) return cut_off(request);
    if (stop.stop_requested())
        return carries_packet ? Answer(cut_off(request))
                              : Answer(Error(ErrorKind::Cancelled, "stopped while it went on"));
    return answer;
}

void Network::wait_for_nothing(const HttpRequest& request) {
    const bool is_write = request.effect == HttpRequest::Effect::Write;
    Milliseconds patience = request.deadline.left(clock_);
    if (!is_write) patience = std::min(patience, idle_max);
    if (is_write && !chance_.once_in(4)) patience = std::min(patience, idle_max / 2);
    clock_.advance(patience);
}

Network::Answer Network::refuse(int status, bool with_retry_after) {
    HttpResponse response;
    response.status = status;
    response.headers.add("Content-Type", "application/fhir+json");
    if (with_retry_after)
        response.headers.add("Retry-After", std::to_string(chance_.between(1, 120)));
    response.body =
        R"({"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"processing"}]})";
    history_.tell(clock_.elapsed_ms(), "  answer " + std::to_string(status));
    return response;
}

std::optional<Network::Answer> Network::goes_wrong_anywhere(const HttpRequest& request) {
    if (weather_.strikes(Fault::Refused)) return no_connection();
    if (weather_.strikes(Fault::Says429)) return refuse(429, true);
    if (weather_.strikes(Fault::Says401)) return refuse(401, false);
    if (weather_.strikes(Fault::TimesOut)) {
        wait_for_nothing(request);
        return cut_off(request);
    }
    return std::nullopt;
}

Network::Answer Network::read(const HttpRequest& request, Institution& there) {
    if (auto wrong = goes_wrong_anywhere(request)) return *std::move(wrong);
    if (weather_.strikes(Fault::Says503)) return refuse(503, chance_.once_in(2));
    if (weather_.strikes(Fault::Says500)) return refuse(500, false);
    const bool is_source = there.role() == Role::Source;
    if (is_source && weather_.strikes(Fault::ForbidsType)) return refuse(403, false);
    if (may_not_find_yet(request, there) && weather_.strikes(Fault::IndexLags)) {
        history_.tell(clock_.elapsed_ms(), "  its index lags behind");
        HttpResponse none;
        none.status = 200;
        none.headers.add("Content-Type", "application/fhir+json");
        none.body = R"({"resourceType":"Bundle","type":"searchset","total":0})";
        return none;
    }
    HttpResponse response = there.answer(request);
    if (response.status == 0) return cut_off(request);
    if (is_source && is_search(response) && weather_.strikes(Fault::LeaksOthers))
        response = with_others(std::move(response));
    if (is_source && is_search(response) && weather_.strikes(Fault::NextIsElsewhere))
        response = with_next_elsewhere(std::move(response));
    if (weather_.strikes(Fault::AnswerCut)) {
        history_.tell(clock_.elapsed_ms(), "  its answer is cut");
        response.body.resize(response.body.size() / 2);
    }
    return response;
}

HttpResponse Network::with_others(HttpResponse response) {
    const Json bundle = Json::parse(response.body).value();
    const Json entry = Json::object(
        {{"resource", make_foreign(chance_)}, {"search", Json::object({{"mode", "match"}})}});
    response.body = bundle.with("entry", bundle.get("entry").appended(entry)).print();
    history_.tell(clock_.elapsed_ms(), "  with another patient's resource");
    return response;
}

HttpResponse Network::with_next_elsewhere(HttpResponse response) {
    const Json bundle = Json::parse(response.body).value();
    const Json link =
        Json::object({{"relation", "next"}, {"url", "https://elsewhere.example/fhir?_getpages=1"}});
    response.body = bundle.with("link", Json::array({link})).print();
    return response;
}

HttpResponse Network::stored(const HttpRequest& request, Institution& there, Milliseconds hidden) {
    HttpResponse response = there.answer(request);
    history_.tell(clock_.elapsed_ms(),
                  "  " + there.host() + " answers " + std::to_string(response.status));
    const std::string transfer = transfer_in(request.body);
    if (response.status >= 300) watchers_.packet_refused(transfer);
    // Whatever it answers: the Task is the last of it.
    const bool has_task = request.body.find(R"("resourceType":"Task")") != std::string::npos;
    if (!has_task || there.tasks_of(transfer).empty()) return response;
    hidden_until_[&there] = clock_.monotonic_now() + hidden;
    watchers_.packet_stored(transfer, there);
    return response;
}

HttpResponse Network::stored_in_time(const HttpRequest& request, Institution& there) {
    if (there.commit().count() == 0) return stored(request, there);
    const auto answer = std::make_shared<HttpResponse>();
    clock_.at(there.commit(),
              [this, request, &there, answer] { *answer = stored(request, there); });
    clock_.advance(there.commit());
    return *answer;
}

// A server whose search looks at an index that is behind its store.
bool Network::may_not_find_yet(const HttpRequest& request, const Institution& there) const {
    const auto hidden = hidden_until_.find(&there);
    return hidden != hidden_until_.end() && request.url.path().ends_with("/Task") &&
           clock_.monotonic_now() < hidden->second;
}

// The answer to a packet that was stored, from somebody who has not stored it.
HttpResponse Network::claim_it(const HttpRequest& request) {
    history_.tell(clock_.elapsed_ms(), "  it claims to have stored it");
    watchers_.packet_claimed(transfer_in(request.body));
    const Json packet =
        Json::parse(request.body, {.bytes_max = request.body.size() + 1, .depth_max = 128}).value();
    std::vector<Json> entries;
    for (std::size_t left = packet["entry"].size(); left > 0; --left)
        entries.push_back(Json::object(
            {{"response", Json::object({{"status", "201 Created"},
                                        {"location", "Basic/" + std::to_string(left)}})}}));
    HttpResponse response;
    response.status = 200;
    response.headers.add("Content-Type", "application/fhir+json");
    response.body = Json::object({{"resourceType", "Bundle"},
                                  {"type", "transaction-response"},
                                  {"entry", Json::array(std::move(entries))}})
                        .print();
    return response;
}

Network::Answer Network::send_packet(const HttpRequest& request, Institution& there) {
    if (auto wrong = goes_wrong_anywhere(request)) return *std::move(wrong);
    if (weather_.strikes(Fault::RefusesPacket)) {
        watchers_.packet_refused(transfer_in(request.body));
        return refuse(chance_.once_in(2) ? 422 : 400, false);
    }
    if (weather_.strikes(Fault::RequestLost)) {
        wait_for_nothing(request);
        return cut_off(request);
    }
    if (weather_.strikes(Fault::StoresLate)) {
        history_.tell(clock_.elapsed_ms(), "  it will be stored late");
        wait_for_nothing(request);
        const Milliseconds late(chance_.between(1, late_ms_max));
        const Milliseconds hidden = Milliseconds(late_ms_max) - late;
        clock_.at(late, [this, request, &there, hidden] { stored(request, there, hidden); });
        return cut_off(request);
    }
    const bool is_bundle = request.body.find(R"("type":"transaction")") != std::string::npos;
    if (is_bundle && weather_.strikes(Fault::ClaimsIt)) return claim_it(request);
    if (weather_.strikes(Fault::ProxyRefuses)) {
        const bool is_stored = chance_.once_in(2);
        if (is_stored) stored_in_time(request, there);
        return refuse(503, chance_.once_in(2));
    }
    HttpResponse response = stored_in_time(request, there);
    // A POST that is repeated on its way is one more of it, whatever its sender does.
    const bool is_put = request.method == "PUT" ||
                        (is_bundle && request.body.find(R"("method":"PUT")") != std::string::npos);
    const bool adds_nothing = is_put && there.takes_our_ids() && there.finds_at_once();
    if (adds_nothing && weather_.strikes(Fault::SentTwice)) response = stored(request, there);
    if (weather_.strikes(Fault::AnswerLost)) {
        history_.tell(clock_.elapsed_ms(), "  its answer is lost");
        wait_for_nothing(request);
        return cut_off(request);
    }
    if (weather_.strikes(Fault::AnswerCut)) {
        history_.tell(clock_.elapsed_ms(), "  its answer is cut");
        response.body.resize(response.body.size() / 2);
    }
    return response;
}

}  // namespace consultd::simulation
