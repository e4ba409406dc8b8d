#include "adapter/stages/consent/policy.h"

#include <algorithm>
#include <iterator>

namespace consultd::consent {
namespace {

using fhir::Json;
using fhir::JsonView;

RuleType type_of(JsonView provision) {
    // A nested rule without a type, or with another one, can only deny.
    return provision["type"].string() == "permit" ? RuleType::Permit : RuleType::Deny;
}

void add_matters(const Sensitivity::Signs& signs, Named& named) {
    for (const Sensitivity::Sign& sign : signs)
        named.matters.push_back({.label = sign.row->label, .topic = sign.row->topic});
}

// What a rule that applies names: a label, what a code or a kind of document is itself a sign of,
// this very resource.
void add_named(JsonView rule, const Question& question, Named& named) {
    for (const JsonView label : rule["securityLabel"].items())
        if (is_label_system(label["system"].string()))
            named.matters.push_back({label["code"].string(), {}, true});
    for (const JsonView data : rule["data"].items())
        named.resource |=
            data["meaning"].string() == "instance" && match_data(data, question) == Match::Yes;
    if (!question.signs) return;
    for (const JsonView concept_value : rule["code"].items())
        add_matters(question.signs->of_concept(concept_value), named);
    for (const JsonView kind : rule["class"].items())
        add_matters(question.signs->known().of_code(kind["system"].string(), kind["code"].string()),
                    named);
}

// What holds inside a rule that applies, or may apply, and by itself decides `own`.
Decision decide_inside(JsonView rule, Decision own, const Question& question) {
    bool is_surely_permitted = false;
    Decision permitted = own;
    permitted.is_permitted = permitted.is_by_rule = true;
    permitted.reason.clear();
    std::string missed;
    bool misses_label = false;
    const auto children = rule["provision"].items();
    for (std::size_t i = 0; i < children.size(); ++i) {
        const RuleType type = type_of(children[i]);
        const RuleMatch matched = match_rule(children[i], type, question);
        if (matched.match == Match::No ||
            (matched.match == Match::Unknown && type == RuleType::Permit))
            if (type == RuleType::Permit) {
                misses_label |= children[i].has("securityLabel");
                if (missed.empty() || missed == "class-not-permitted") missed = matched.reason;
            }
        if (matched.match == Match::No) continue;
        Decision start{.is_permitted = type == RuleType::Permit,
                       .is_by_rule = true,
                       .reason = matched.reason,
                       .named = own.named,
                       .rule = own.rule + ".provision[" + std::to_string(i) + "]"};
        // An exception from what a rule denies is on that too.
        add_named(children[i], question, start.named);
        Decision inside = decide_inside(children[i], std::move(start), question);
        if (!inside.is_permitted) return inside;
        if (matched.match != Match::Yes) continue;
        if (!is_surely_permitted) permitted.rule = inside.rule;
        is_surely_permitted = true;
        permitted.named.resource |= inside.named.resource;
        std::ranges::copy(inside.named.matters, std::back_inserter(permitted.named.matters));
    }
    if (is_surely_permitted) return permitted;
    own.misses_label = misses_label && !own.is_permitted;
    if (!own.is_permitted && !own.is_by_rule && !missed.empty()) own.reason = missed;
    return own;
}

// A whole record in a file: no rule of ours looks into it.
bool is_record_copy(const Content& content) {
    if (content.type == "Bundle" || content.type == "Parameters") return true;
    return std::ranges::any_of(content.mime_types, [](std::string_view mime) {
        return mime.find("fhir") != std::string_view::npos ||
               mime.find("xml") != std::string_view::npos ||
               mime.find("json") != std::string_view::npos ||
               mime.find("zip") != std::string_view::npos ||
               mime.find("hl7") != std::string_view::npos;
    });
}

// The source's own copy of a patient's privacy choices says what is withheld. An advance directive
// (scope adr) and an agreement to a treatment are judged like any other resource.
bool is_privacy_consent(JsonView resource) {
    if (resource["resourceType"].string() != "Consent") return false;
    const auto codings = resource.at("scope", "coding").items();
    return std::ranges::none_of(codings, [](JsonView coding) {
        return coding["code"].string() == "adr" || coding["code"].string() == "treatment";
    });
}

// Whether a permit, at whatever depth, names this very resource by `data`.
bool names_itself(JsonView rule, const Question& question) {
    const bool is_permit = type_of(rule) == RuleType::Permit;
    for (const JsonView data : rule["data"].items())
        if (is_permit && data["meaning"].string() == "instance" &&
            match_data(data, question) == Match::Yes)
            return true;
    return std::ranges::any_of(rule["provision"].items(),
                               [&](JsonView child) { return names_itself(child, question); });
}

}  // namespace

// What stands in `consent.unspoken` and is likely, unless a permit names it.
bool Policy::is_unspoken(const Content& content, const Decision& decision,
                         std::string& reason) const {
    if (decision.named.resource) return false;
    const auto is_spoken = [&](std::string_view label, std::string_view topic) {
        const bool is_one = sensitivity_->unspoken().contains(label);
        return std::ranges::any_of(decision.named.matters, [&](const Named::Matter& named) {
            return same_family(named.label, label) &&
                   (named.is_whole || is_one || named.topic == topic);
        });
    };
    for (const Sensitivity::Sign& sign : content.implied)
        if (sign.level != Sensitivity::Level::Possible && sensitivity_->is_unspoken(*sign.row) &&
            !is_spoken(sign.row->label, sign.row->topic)) {
            reason = "sensitivity:" + sign.row->label;
            return true;
        }
    for (const Coded& label : content.labels)
        for (const std::string& unspoken : sensitivity_->unspoken())
            if (same_family(unspoken, label.code) && !is_spoken(label.code, {})) {
                reason = "sensitivity:" + unspoken;
                return true;
            }
    return false;
}

bool Policy::takes(std::string_view label, std::string_view topic) const {
    const auto is_of_family = [&](std::string_view other) { return same_family(other, label); };
    if (std::ranges::any_of(denied_labels_, is_of_family)) return true;
    const auto& unspoken = sensitivity_->unspoken();
    const bool goes_if_named =
        std::ranges::any_of(unspoken, is_of_family) ||
        (!topic.empty() && unspoken.contains(std::string(label).append(".").append(topic)));
    return goes_if_named && std::ranges::none_of(named_labels_, is_of_family);
}

bool Policy::takes(const Sensitivity::Signs& signs) const {
    return std::ranges::any_of(signs, [&](const Sensitivity::Sign& sign) {
        if (sign.level != Sensitivity::Level::Possible)
            return takes(sign.row->label, sign.row->topic);
        return std::ranges::any_of(denied_labels_, [&](std::string_view asked) {
            return same_family(asked, sign.row->label);
        });
    });
}

// A choice about a matter tells of it.
bool Policy::names_what_is_taken(JsonView rule) const {
    const auto is_taken = [&](JsonView label) { return takes(label["code"].string()); };
    return std::ranges::any_of(rule["securityLabel"].items(), is_taken) ||
           std::ranges::any_of(rule["provision"].items(),
                               [&](JsonView child) { return names_what_is_taken(child); });
}

Decision Policy::decide_one(const Question& question) const {
    Decision decision = decide_content(question);
    if (decision.is_permitted && is_unspoken(question.content, decision, decision.reason)) {
        decision.is_permitted = false;
        decision.is_by_rule = decision.is_unspoken = true;
    }
    return decision;
}

Decision Policy::decide_content(const Question& question) const {
    Decision base{permits_, false, "class-not-permitted"};
    if (!root_.is_null()) base.rule = "provision";
    if (only_normal_ && is_above_normal(question.content))
        return {false, true, "confidentiality:R"};
    if (looks_at_content_ && is_record_copy(question.content)) return {false, true, "undecidable"};
    if (is_privacy_consent(question.resource) &&
        (looks_at_content_ || names_what_is_taken(question.resource["provision"])))
        return {false, true, "names-withheld"};
    // Unless somebody has decided on exactly this one, whatever is in it.
    if (takes_words_ && question.content.has_unreadable && !names_itself(root_, question))
        return {false, true, "undecidable"};
    if (root_.is_null()) return base;
    if (permits_) add_named(root_, question, base.named);
    const RuleMatch root = match_rule(root_, RuleType::Permit, question);
    if (root.match != Match::Yes) return {false, false, root.reason};
    return decide_inside(root_, base, question);
}

Decision Policy::decide_identity(std::string_view patient, const Request& request,
                                 Instant now) const {
    const Json plainest = Json::object({{"resourceType", "Patient"}});
    const Content content = content_of(plainest);
    Question question{.request = request,
                      .now = now,
                      .content = content,
                      .source = patient,
                      .full_url = {},
                      .resource = plainest};
    Decision decision = decide_one(question);
    if (decision.is_permitted || decision.is_by_rule) return decision;
    question.is_identity = true;
    return decide_one(question);
}

Content Policy::content_of_all(const Json& resource, const Content* container, Signs& signs) const {
    Content content = content_of(resource, container);
    signs.read(resource, content);
    if (looks_at_times_) content.parts = dated_parts_of(resource);
    return content;
}

Decision Policy::decide(const Json& resource, std::string_view source, std::string_view full_url,
                        const Request& request, Instant now, Signs& signs) const {
    Content content = content_of_all(resource, nullptr, signs);
    signs.read_source(source, content);
    Decision decision =
        decide_one({request, now, content, source, full_url, resource, false, &signs});
    decision.betrays = std::move(content.implied);
    if (!decision.is_permitted) return decision;
    // A contained resource cannot be taken out without what holds it, so it decides for both. What
    // others share is part of its holder, unless a rule denies it.
    for (const JsonView contained : resource["contained"].items()) {
        Content inner = content_of_all(resource.share(contained), &content, signs);
        Decision inside = decide_one({request, now, inner, {}, {}, contained, false, &signs});
        inside.betrays = std::move(inner.implied);
        if (!inside.is_permitted && (inside.is_by_rule || !is_shared_type(inner.type)))
            return inside;
    }
    return decision;
}

}  // namespace consultd::consent
