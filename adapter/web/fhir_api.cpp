#include "adapter/web/fhir_api.h"

#include "adapter/acts.h"
#include "adapter/web/capability_statement.h"
#include "adapter/web/if_none_exist.h"
#include "adapter/web/media_type.h"
#include "adapter/web/refusals.h"
#include "adapter/web/task.h"
#include "fhir/operation_outcome.h"
#include "fhir/reference.h"

namespace consultd::web {
namespace {

using fhir::Json;

ServerResponse fhir_answer(int status, const Json& body) {
    return answer(status, body.print(), "application/fhir+json; charset=utf-8");
}

ServerResponse outcome(int status, StaticText code, StaticText text) {
    return refusal("/fhir", status, code, text);
}

// "Task.input[2]"; empty where the error names no element.
std::string element_of(const Error& error) {
    std::string element;
    for (const Error::Detail& detail : error.details())
        if (detail.is_text && detail.name.view() == "element") element = detail.text.view();
    if (const auto position = error.number("position"))
        element += "[" + std::to_string(*position) + "]";
    return element;
}

ServerResponse outcome(const Error& error) {
    switch (error.kind()) {
        case ErrorKind::Malformed:
            return refusal("/fhir", 400, "invalid", error.text(), element_of(error));
        case ErrorKind::Denied:
            return outcome(422, "business-rule", error.text());
        case ErrorKind::TooLarge:
            return outcome(413, "too-long", error.text());
        case ErrorKind::NotFound:
            return outcome(404, "not-found", error.text());
        case ErrorKind::Conflict:
            return outcome(409, "conflict", error.text());
        case ErrorKind::Storage:
            // https://hl7.org/fhir/R4/valueset-issue-type.html
            return outcome(503, "no-store", "nothing can be stored now; nothing was done");
        default:
            return outcome(500, "exception", "the request could not be handled");
    }
}

// Said before anything is done: a transfer whose answer cannot be read is not placed.
ServerResponse no_json() {
    return outcome(406, "not-supported", "answers are application/fhir+json, in R4");
}

// Those of others are not there for whoever may see their own alone.
bool may_see(const Caller& caller, const Transfer& transfer) {
    return caller.has(config::Role::Operate) || caller.who == transfer.asked_by;
}

}  // namespace

RouteHandler in_fhir_json(RouteHandler handler) {
    return [handler = std::move(handler)](const RoutedRequest& asked) {
        return takes_fhir_json(asked.http) ? handler(asked) : no_json();
    };
}

ServerResponse FhirApi::metadata() { return fhir_answer(200, capability_statement()); }

Result<Order> FhirApi::order_in(const RoutedRequest& asked) const {
    TRY_ASSIGN(const Json task, Json::parse(asked.http.body));
    TRY_ASSIGN(Order order, order_from_task(task, parts_.config));
    if (const auto condition = asked.http.header("If-None-Exist")) {
        TRY_ASSIGN(OrderIdentifier identifier, read_if_none_exist(*condition));
        order.identifiers.push_back(std::move(identifier));
    }
    return order;
}

namespace {

// What others have by the same name is theirs, and nobody loses an order by it: unless it is the
// same disclosure, which the name was to keep from being made twice.
bool is_in_the_way_of_nobody(const Result<std::optional<Transfer>>& known,
                             const PlacedOrder& placed) {
    if (!known) return known.error().kind() == ErrorKind::Conflict;
    return *known && (*known)->asked_by != placed.transfer.asked_by &&
           !is_same_disclosure(**known, placed.transfer, Instant{});
}

}  // namespace

ServerResponse FhirApi::create_task(const RoutedRequest& asked) {
    if (!is_fhir_json(asked.http))
        return outcome(415, "not-supported", "the body must be application/fhir+json");
    const Result<Order> order = order_in(asked);
    if (!order) return outcome(order.error());
    if (!order->specialty.empty() && !parts_.knows_specialty(order->specialty))
        return unknown_specialty();
    const Result<PlacedOrder> placed = place_order(*order, asked.caller.who, parts_.config,
                                                   parts_.sealer, parts_.clock, parts_.random);
    if (!placed) return outcome(placed.error());
    Earlier earlier = earlier_of(*placed, parts_.clock.now());
    earlier.others = names_by_others(*order, asked.caller.who, parts_.config.listen, parts_.sealer);
    const auto create = [&] {
        return parts_.store.create(placed->transfer, placed->parts, earlier,
                                   act_of(audit::Act::What::Order, asked.caller, placed->transfer));
    };
    Result<std::optional<Transfer>> known = create();
    if (!asked.caller.has(config::Role::Operate) && is_in_the_way_of_nobody(known, *placed)) {
        earlier.others.clear();
        known = create();
    }
    if (!known) return outcome(known.error());
    if (*known) return known_already(*placed, **known, asked.caller);
    parts_.on_new_transfer();
    return with_location(fhir_answer(201, task_of(placed->transfer)), placed->transfer);
}

// With the words that are known, which are ours.
ServerResponse FhirApi::unknown_specialty() const {
    const Json told = fhir::operation_outcome(
        "error", "code-invalid", "the specialty is not one of those known here", "Task.input");
    const Json issue = told.share(told["issue"].items()[0])
                           .with("diagnostics", "known are: " + parts_.specialties);
    return fhir_answer(400, told.with("issue", Json::array({issue})));
}

AskedEntry FhirApi::act_of(audit::Act::What what, const Caller& caller, const Transfer& transfer) {
    return entry_of(act_by(caller.who, what, transfer, parts_.config, parts_.clock.now()),
                    parts_.random);
}

ServerResponse FhirApi::with_location(ServerResponse response, const Transfer& transfer) const {
    response.headers.emplace_back("Location",
                                  parts_.config.listen.public_url + "/fhir/Task/" + transfer.id);
    return response;
}

// https://hl7.org/fhir/R4/http.html#ccreate: one match is answered by what is there. What was asked
// for is compared all the same: nobody may take another order for theirs.
ServerResponse FhirApi::known_already(const PlacedOrder& placed, const Transfer& known,
                                      const Caller& caller) {
    const bool is_named = !placed.identifiers.empty();
    const bool is_same = placed.transfer.marks.content == known.marks.content;
    if (is_named && is_same && may_see(caller, known))
        return with_location(fhir_answer(200, task_of(known)), known);
    ServerResponse refused =
        is_named && known.asked_by != caller.who
            ? outcome(409, "duplicate", "an order of another has this identifier")
        : is_named ? outcome(409, "duplicate", "an order of other content has this identifier")
                   : outcome(409, "duplicate",
                             "the same disclosure is under way, or was delivered within a day; an "
                             "order with a Task.identifier of its own is a new one");
    return may_see(caller, known) ? with_location(std::move(refused), known) : refused;
}

Json FhirApi::task_of(const Transfer& transfer) {
    std::string patient, receipt;
    const Result<Order> order =
        load_order(PartReader(parts_.store, parts_.sealer, transfer.id), transfer);
    const auto source = parts_.config.source(transfer.source);
    if (order && !order->patient_id.empty() && source)
        patient = source->fhir_base_url.below("Patient/" + order->patient_id).text();
    if (is_delivered(transfer.state))
        if (Result<std::string> part =
                open_part(parts_.store, parts_.sealer, transfer.id, Part::Receipt))
            receipt = std::move(*part);
    return task_from_transfer(transfer, patient,
                              order ? order->identifiers : std::vector<OrderIdentifier>(), receipt);
}

Result<std::optional<Transfer>> FhirApi::find_for(const Caller& caller, std::string_view id) {
    TRY_ASSIGN(std::optional<Transfer> found, parts_.store.find(std::string(id)));
    if (found && !may_see(caller, *found)) found.reset();
    return found;
}

// The opinion, whole, as an attachment: https://hl7.org/fhir/R4/task-definitions.html#Task.output
// That it is given, and to whom, is in the audit log before.
Result<Json> FhirApi::with_opinion(Json task, const Transfer& transfer, const Caller& caller) {
    const PartReader parts(parts_.store, parts_.sealer, transfer.id);
    TRY_ASSIGN(const bool has_opinion, parts.has(Part::Opinion));
    if (!has_opinion) return task;
    TRY_ASSIGN(std::string text, parts.open(Part::Opinion));
    TRY_ASSIGN(const Opinion opinion, Opinion::parse(std::move(text)));
    TRY(parts_.on_opinion_read(transfer, caller.who));
    return task.with("output", task.get("output").appended(opinion_output(opinion)));
}

ServerResponse FhirApi::read_task(const RoutedRequest& asked) {
    const Result<std::optional<Transfer>> found = find_for(asked.caller, asked.id);
    if (!found) return outcome(found.error());
    if (!*found) return outcome(404, "not-found", "there is no such Task");
    const Result<Json> task = with_opinion(task_of(**found), **found, asked.caller);
    return task ? fhir_answer(200, *task) : outcome(task.error());
}

// What the store is asked for; absent where no Task can be meant.
std::optional<StoreFilter> FhirApi::filter_of(const TaskSearch& search,
                                              const Caller& caller) const {
    StoreFilter filter{.after = search.after};
    if (!caller.has(config::Role::Operate)) filter.asked_by = caller.who;
    if (!search.status.empty()) {
        const std::string any = "," + search.status + ",";
        for (int i = 0; i <= static_cast<int>(TransferState::Failed); ++i) {
            const auto state = static_cast<TransferState>(i);
            const std::string code(task_status_of(state));
            if (any.find("," + code + ",") != std::string::npos) filter.states.push_back(state);
        }
        if (filter.states.empty()) return std::nullopt;
    }
    if (search.patient.empty()) return filter;
    // The store knows patients by pseudonym alone, one for each source.
    const fhir::Reference reference = fhir::Reference::parse(search.patient);
    const std::string id(reference.id.empty() ? search.patient : reference.id);
    for (const std::string& key : sources_meant(parts_.config, reference))
        filter.patient_pseudonyms.push_back(patient_pseudonym(parts_.sealer, key, id));
    if (filter.patient_pseudonyms.empty()) return std::nullopt;
    return filter;
}

Result<TaskPage> FhirApi::find_tasks(const TaskSearch& search, const Caller& caller) {
    TaskPage page;
    std::optional<StoreFilter> filter = filter_of(search, caller);
    if (!filter) return page;
    filter->count_max = search.count + 1;  // one more tells that there is more
    TRY_ASSIGN(page.tasks, parts_.store.list(*filter));
    page.is_last = page.tasks.size() <= search.count;
    if (!page.is_last) page.tasks.resize(search.count);
    return page;
}

// https://hl7.org/fhir/R4/search.html#count: a count of 0 asks how many there are.
Result<std::int64_t> FhirApi::count_tasks(TaskSearch search, const Caller& caller) {
    std::int64_t total = 0;
    for (search.count = TaskSearch::count_most;;) {
        TRY_ASSIGN(const TaskPage page, find_tasks(search, caller));
        total += static_cast<std::int64_t>(page.tasks.size());
        if (page.is_last) return total;
        search.after = page.tasks.back().id;
    }
}

ServerResponse FhirApi::search_tasks(const RoutedRequest& asked) {
    const Result<TaskSearch> search = TaskSearch::read(asked.http.query, parts_.sealer);
    if (!search) return outcome(search.error());
    Json bundle = Json::object({{"resourceType", "Bundle"}, {"type", "searchset"}});
    if (search->count == 0) {
        const Result<std::int64_t> total = count_tasks(*search, asked.caller);
        return total ? fhir_answer(200, bundle.with("total", Json(*total)))
                     : outcome(total.error());
    }
    const Result<TaskPage> page = find_tasks(*search, asked.caller);
    if (!page) return outcome(page.error());
    const std::string tasks = parts_.config.listen.public_url + "/fhir/Task";
    const auto link = [&](std::string_view relation, const TaskSearch& to) {
        const std::string url = tasks + "?" + to.link(parts_.sealer);
        return Json::object({{"relation", relation}, {"url", url}});
    };
    std::vector<Json> links{link("self", *search)}, entries;
    if (!page->is_last) {
        TaskSearch next = *search;
        next.after = page->tasks.back().id;
        links.push_back(link("next", next));
    }
    for (const Transfer& transfer : page->tasks)
        entries.push_back(Json::object({{"fullUrl", tasks + "/" + transfer.id},
                                        {"resource", task_of(transfer)},
                                        {"search", Json::object({{"mode", "match"}})}}));
    bundle = bundle.with("link", Json::array(std::move(links)));
    if (!entries.empty()) bundle = bundle.with("entry", Json::array(std::move(entries)));
    return fhir_answer(200, bundle);
}

Result<std::string> FhirApi::on_record(const RoutedRequest& asked, Part part) {
    const Error none(ErrorKind::NotFound, "there is none, or it is kept no more");
    TRY_ASSIGN(const std::optional<Transfer> found, find_for(asked.caller, asked.id));
    if (!found) return none;
    const PartReader parts(parts_.store, parts_.sealer, found->id);
    TRY_ASSIGN(const bool is_kept, parts.has(part));
    if (!is_kept) return none;
    TRY_ASSIGN(std::string text, parts.open(part));
    TRY(parts_.on_packet_read(*found, asked.caller.who));
    return text;
}

ServerResponse FhirApi::read_bundle(const RoutedRequest& asked) {
    Result<std::string> text = on_record(asked, Part::Bundle);
    return text ? answer(200, *std::move(text), "application/fhir+json; charset=utf-8")
                : outcome(text.error());
}

ServerResponse FhirApi::read_consent(const RoutedRequest& asked) {
    Result<std::string> text = on_record(asked, Part::Consent);
    if (!text) return outcome(text.error());
    const Result<Json> consent = Json::parse(*std::move(text));
    return consent ? fhir_answer(200, consent->with("id", asked.id)) : outcome(consent.error());
}

ServerResponse FhirApi::cancel_task(const RoutedRequest& asked) {
    const Result<std::optional<Transfer>> found = find_for(asked.caller, asked.id);
    if (!found) return outcome(found.error());
    if (!*found) return outcome(404, "not-found", "there is no such Task");
    const Result<std::optional<Transfer>> wished = parts_.store.ask_withdrawal(
        (*found)->id, parts_.clock.now(), act_of(audit::Act::What::Cancel, asked.caller, **found));
    if (!wished) return outcome(wished.error());
    const Json words = Json::object({{"text", told_of_wish(**wished)}});
    return fhir_answer(200, task_of(**wished).with("statusReason", words));
}

}  // namespace consultd::web
