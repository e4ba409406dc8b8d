#include "samples/sandbox/search.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "adapter/web/server/server.h"
#include "fhir/datetime.h"
#include "fhir/reference.h"
#include "fhir/resource.h"
#include "samples/sandbox/search_parameters.h"

namespace consultd::sandbox {

using fhir::Datetime;
using fhir::JsonView;

namespace {

Error invalid(StaticText text) {
    return Error(ErrorKind::Malformed, text).with("issue", "invalid");
}

// Splits at a separator that no backslash precedes; the pieces keep their escapes.
std::vector<std::string_view> split_escaped(std::string_view text, char separator) {
    std::vector<std::string_view> pieces;
    std::size_t start = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\') {
            ++i;
        } else if (text[i] == separator) {
            pieces.push_back(text.substr(start, i - start));
            start = i + 1;
        }
    }
    pieces.push_back(text.substr(start));
    return pieces;
}

std::string unescape(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) ++i;
        out += text[i];
    }
    return out;
}

bool token_fits(std::string_view wanted, std::string_view system, std::string_view code) {
    const auto parts = split_escaped(wanted, '|');
    if (parts.size() == 1) return unescape(parts[0]) == code;
    if (unescape(parts[0]) != system) return false;
    return parts[1].empty() || unescape(parts[1]) == code;
}

bool token_matches(JsonView value, std::string_view wanted) {
    if (value.is_string())
        return token_fits(wanted, {}, value.string()) ||
               unescape(split_escaped(wanted, '|').back()) == value.string();
    if (value.is_bool()) return wanted == (value.is_true() ? "true" : "false");
    if (!value.is_object()) return false;
    for (const JsonView coding : value["coding"].items())
        if (token_matches(coding, wanted)) return true;
    const JsonView code = value.has("value") ? value["value"] : value["code"];
    return code.is_string() && token_fits(wanted, value["system"].string(), code.string());
}

struct Span {
    Instant from, to;  // `to` is exclusive
};

std::optional<Span> span_of(JsonView value) {
    const auto read = [](JsonView text) { return Datetime::parse(text.string()); };
    if (value.is_string()) {
        const auto point = read(value);
        if (!point) return std::nullopt;
        return Span{point->earliest(), point->latest()};
    }
    const auto start = read(value["start"]), end = read(value["end"]);
    if (!start && !end) return std::nullopt;
    return Span{start ? start->earliest() : Instant::min(), end ? end->latest() : Instant::max()};
}

bool date_matches(const Span& held, std::string_view prefix, const Span& wanted) {
    if (prefix == "eq") return held.from >= wanted.from && held.to <= wanted.to;
    if (prefix == "ne") return held.from < wanted.from || held.to > wanted.to;
    if (prefix == "gt") return held.to > wanted.to;
    if (prefix == "ge") return held.to > wanted.from;
    if (prefix == "lt") return held.from < wanted.from;
    if (prefix == "le") return held.from < wanted.to;
    if (prefix == "sa") return held.from >= wanted.to;
    if (prefix == "eb") return held.to <= wanted.from;
    return held.from < wanted.to && held.to > wanted.from;  // ap
}

struct DateQuery {
    std::string prefix = "eq";
    Span span{};
};

std::optional<DateQuery> parse_date_query(std::string_view text) {
    DateQuery query;
    for (std::string_view prefix : {"eq", "ne", "gt", "ge", "lt", "le", "sa", "eb", "ap"})
        if (text.starts_with(prefix)) {
            query.prefix = prefix;
            text.remove_prefix(2);
            break;
        }
    const auto point = Datetime::parse(text);
    if (!point) return std::nullopt;
    query.span = {point->earliest(), point->latest()};
    return query;
}

bool reference_matches(JsonView value, std::string_view name, std::string_view wanted) {
    const std::string key = reference_key(value["reference"].string());
    if (key.empty()) return false;
    if (name == "patient" && !key.starts_with("Patient/")) return false;
    const std::string wanted_key = reference_key(wanted);
    if (!wanted_key.empty()) return key == wanted_key;
    return key.substr(key.find('/') + 1) == wanted;
}

bool string_matches(JsonView value, std::string_view wanted) {
    const std::string_view held = value.string();
    return held.size() >= wanted.size() &&
           std::equal(wanted.begin(), wanted.end(), held.begin(), [](char a, char b) {
               return std::tolower(static_cast<unsigned char>(a)) ==
                      std::tolower(static_cast<unsigned char>(b));
           });
}

bool value_matches(const SearchParameter& parameter, JsonView value, std::string_view wanted) {
    switch (parameter.kind) {
        case SearchKind::Token:
            return token_matches(value, wanted);
        case SearchKind::Reference:
            return reference_matches(value, parameter.name, wanted);
        case SearchKind::String:
            return string_matches(value, wanted);
        case SearchKind::Uri:
            return value.string() == wanted;
        case SearchKind::Date: {
            const auto held = span_of(value);
            const auto query = parse_date_query(wanted);
            return held && query && date_matches(*held, query->prefix, query->span);
        }
    }
    return false;
}

struct Criterion {
    const SearchParameter* parameter;
    std::vector<std::string> any_of;

    bool matches(JsonView resource) const {
        for (const JsonView value : values_at(resource, parameter->paths))
            for (const std::string& wanted : any_of)
                if (value_matches(*parameter, value, wanted)) return true;
        return false;
    }
};

struct Sort {
    const SearchParameter* parameter = nullptr;
    bool descending = false;
};

struct Query {
    std::vector<Criterion> criteria;
    Sort sort;
    SearchResult result;
};

Status read_count(std::string_view value, SearchResult& result) {
    const auto parsed = std::from_chars(value.data(), value.data() + value.size(), result.count);
    if (parsed.ec != std::errc() || parsed.ptr != value.data() + value.size())
        return invalid("_count is no whole number");
    if (result.count == 0) result.count_only = true;
    return {};
}

// True when it was one of the parameters that say how, not which.
Result<bool> read_control(std::string_view type, std::string_view name, const std::string& value,
                          Query& query) {
    SearchResult& result = query.result;
    if (name == "_count") {
        TRY(read_count(value, result));
        return true;
    }
    if (name == "_include") return (result.includes.push_back(value), true);
    if (name == "_revinclude") return (result.revincludes.push_back(value), true);
    if (name == "_summary" && value == "count") return (result.count_only = true);
    if (name == "_sort") {
        query.sort.descending = value.starts_with('-');
        query.sort.parameter = find_search_parameter(type, value.substr(query.sort.descending));
        if (query.sort.parameter == nullptr) return invalid("_sort names an unknown parameter");
        return true;
    }
    return name == "_format" || name == "_total" || name == "_pretty";
}

Result<Query> read_query(std::string_view type, const Parameters& parameters,
                         const SearchRules& rules) {
    Query query;
    for (const auto& [full_name, value] : parameters) {
        const std::string_view name = std::string_view(full_name).substr(0, full_name.find(':'));
        TRY_ASSIGN(const bool is_control, read_control(type, name, value, query));
        const SearchParameter* parameter = is_control ? nullptr : find_search_parameter(type, name);
        if (!is_control && parameter == nullptr) {
            if (rules.lenient) continue;
            return Error(ErrorKind::Malformed, "unknown search parameter")
                .with("issue", "not-supported");
        }
        query.result.used.emplace_back(full_name, value);
        if (parameter == nullptr) continue;
        Criterion criterion{parameter, {}};
        for (const std::string_view piece : split_escaped(value, ',')) {
            if (parameter->kind == SearchKind::Date && !parse_date_query(piece))
                return invalid("a date in the search is none");
            criterion.any_of.push_back(parameter->kind == SearchKind::Token ? std::string(piece)
                                                                            : unescape(piece));
        }
        query.criteria.push_back(std::move(criterion));
    }
    return query;
}

bool names(const Query& query, std::string_view name) {
    return std::any_of(query.criteria.begin(), query.criteria.end(),
                       [name](const Criterion& c) { return c.parameter->name == name; });
}

std::string sort_key(JsonView resource, const SearchParameter& parameter) {
    const auto values = values_at(resource, parameter.paths);
    if (values.empty()) return {};
    if (values[0].is_object()) return std::string(values[0]["start"].string());
    return std::string(values[0].string());
}

}  // namespace

std::string reference_key(std::string_view text) {
    const fhir::Reference reference = fhir::Reference::parse(text);
    if (reference.form != fhir::Reference::Form::Relative &&
        reference.form != fhir::Reference::Form::Absolute)
        return {};
    return reference.key();
}

Result<Parameters> parse_query(std::string_view query) {
    Parameters parameters;
    while (!query.empty()) {
        const std::size_t end = std::min(query.find('&'), query.size());
        std::string pair(query.substr(0, end));
        query.remove_prefix(std::min(end + 1, query.size()));
        if (pair.empty()) continue;
        std::replace(pair.begin(), pair.end(), '+', ' ');
        const std::size_t equals = std::min(pair.find('='), pair.size());
        const auto decode = [](std::string_view text) -> std::optional<std::string> {
            // decode_path refuses an escaped slash, which is plain in a query.
            std::string out;
            for (;;) {
                const std::size_t slash = std::min(text.find("%2F"), text.find("%2f"));
                const auto piece = web::decode_path(text.substr(0, slash));
                if (!piece) return std::nullopt;
                out += *piece;
                if (slash == std::string_view::npos) return out;
                out += '/';
                text.remove_prefix(slash + 3);
            }
        };
        const auto name = decode(std::string_view(pair).substr(0, equals));
        const auto value = decode(std::string_view(pair).substr(std::min(equals + 1, pair.size())));
        if (!name || !value) return invalid("a bad escape in the query");
        parameters.emplace_back(*name, *value);
    }
    return parameters;
}

Result<SearchResult> search(const Store& store, std::string_view type, const Parameters& parameters,
                            const SearchRules& rules) {
    TRY_ASSIGN(Query query, read_query(type, parameters, rules));
    const bool narrowed = names(query, "category") || names(query, "code") || names(query, "_id");
    if (rules.require_category && type == "Observation" && !narrowed)
        return Error(ErrorKind::Malformed, "Observation is searched by category or code")
            .with("issue", "required");
    std::vector<std::pair<std::string, std::string>> found;  // sort key, resource key
    for (const auto& [id, stored] : store.of_type(type)) {
        if (stored.deleted()) continue;
        const JsonView resource = stored.json;
        const bool fits = std::all_of(
            query.criteria.begin(), query.criteria.end(),
            [resource](const Criterion& criterion) { return criterion.matches(resource); });
        if (!fits) continue;
        found.emplace_back(
            query.sort.parameter != nullptr ? sort_key(stored.json, *query.sort.parameter) : "",
            std::string(type) + "/" + id);
    }
    std::stable_sort(found.begin(), found.end(), [&query](const auto& a, const auto& b) {
        return query.sort.descending ? a.first > b.first : a.first < b.first;
    });
    for (auto& [order, key] : found) query.result.matches.push_back(std::move(key));
    return std::move(query.result);
}

Result<std::vector<std::string>> follow_includes(const Store& store,
                                                 const std::vector<std::string>& matches,
                                                 const SearchResult& query) {
    std::set<std::string> seen(matches.begin(), matches.end());
    const std::set<std::string> targets = seen;
    std::vector<std::string> included;
    const auto parameter_of = [](const std::string& text) -> const SearchParameter* {
        const std::size_t colon = text.find(':');
        if (colon == std::string::npos) return nullptr;
        const std::string_view rest = std::string_view(text).substr(colon + 1);
        return find_search_parameter(text.substr(0, colon), rest.substr(0, rest.find(':')));
    };
    for (const std::string& include : query.includes) {
        const SearchParameter* parameter = parameter_of(include);
        if (parameter == nullptr || parameter->kind != SearchKind::Reference)
            return invalid("unknown _include");
        for (const std::string& match : matches) {
            const Stored* stored = store.find_alive(match);
            if (stored == nullptr || !include.starts_with(match.substr(0, match.find('/')) + ":"))
                continue;
            for (const JsonView value : values_at(stored->json, parameter->paths)) {
                const std::string key = reference_key(value["reference"].string());
                if (store.find_alive(key) != nullptr && seen.insert(key).second)
                    included.push_back(key);
            }
        }
    }
    for (const std::string& include : query.revincludes) {
        const SearchParameter* parameter = parameter_of(include);
        if (parameter == nullptr || parameter->kind != SearchKind::Reference)
            return invalid("unknown _revinclude");
        const std::string type = include.substr(0, include.find(':'));
        for (const auto& [id, stored] : store.of_type(type)) {
            if (stored.deleted()) continue;
            const auto values = values_at(stored.json, parameter->paths);
            const bool points = std::any_of(values.begin(), values.end(), [&](JsonView value) {
                return targets.contains(reference_key(value["reference"].string()));
            });
            if (points && seen.insert(type + "/" + id).second) included.push_back(type + "/" + id);
        }
    }
    return included;
}

}  // namespace consultd::sandbox
