#include "config/schema_check.h"

#include <algorithm>
#include <array>
#include <map>
#include <regex>

namespace consultd::config {
namespace {

using fhir::JsonMember;
using fhir::JsonView;

std::string joined(JsonView strings) {
    std::string out;
    for (const JsonView& item : strings.items())
        out.append(out.empty() ? "" : ", ").append(item.string());
    return out;
}

// How far two names are apart (Levenshtein), for "did you mean".
std::size_t distance(std::string_view left, std::string_view right) {
    std::vector<std::size_t> row(right.size() + 1);
    for (std::size_t j = 0; j <= right.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= left.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= right.size(); ++j) {
            const std::size_t above = row[j];
            row[j] = std::min(
                {row[j] + 1, row[j - 1] + 1, diagonal + (left[i - 1] == right[j - 1] ? 0 : 1)});
            diagonal = above;
        }
    }
    return row[right.size()];
}

class Checker {
public:
    explicit Checker(JsonView root) : root_(root) {}

    void check(JsonView schema, JsonView value, const std::string& path) {
        if (schema.has("$ref")) schema = resolve(schema["$ref"].string());
        if (schema.has("type") && !has_type(schema["type"].string(), value))
            return add(path, "must be of type " + std::string(schema["type"].string()));
        if (schema.has("enum")) check_enum(schema["enum"], value, path);
        if (value.is_string()) check_string(schema, value.string(), path);
        if (value.is_number()) check_number(schema, value, path);
        if (value.is_array()) {
            if (const auto least = schema["minItems"].integer();
                least && value.size() < static_cast<std::size_t>(*least))
                add(path, "must not have fewer than " + std::to_string(*least));
            for (std::size_t i = 0; i < value.size(); ++i)
                check(schema["items"], value.items()[i], path + "/" + std::to_string(i));
        }
        if (value.is_object()) check_object(schema, value, path);
    }

    std::vector<Problem> take() { return std::move(problems_); }

private:
    void add(const std::string& path, std::string text) {
        problems_.push_back({path.empty() ? "/" : path, std::move(text)});
    }

    // Only "#/$defs/NAME" is used.
    JsonView resolve(std::string_view reference) const {
        constexpr std::string_view prefix = "#/$defs/";
        assert(reference.starts_with(prefix));
        return root_["$defs"][reference.substr(prefix.size())];
    }

    static bool has_type(std::string_view type, JsonView value) {
        if (type == "object") return value.is_object();
        if (type == "array") return value.is_array();
        if (type == "string") return value.is_string();
        if (type == "integer") return value.integer().has_value();
        assert(type == "boolean");
        return value.is_bool();
    }

    void check_enum(JsonView allowed, JsonView value, const std::string& path) {
        for (const JsonView& item : allowed.items())
            if (same_value(item, value)) return;
        add(path, "must be one of: " + joined(allowed));
    }

    void check_string(JsonView schema, std::string_view text, const std::string& path) {
        if (const auto least = schema["minLength"].integer();
            least && text.size() < static_cast<std::size_t>(*least))
            add(path, "must not be shorter than " + std::to_string(*least));
        if (const auto most = schema["maxLength"].integer();
            most && text.size() > static_cast<std::size_t>(*most))
            add(path, "must not be longer than " + std::to_string(*most));
        if (!schema.has("pattern")) return;
        const std::string pattern(schema["pattern"].string());
        // Long input would make the expression's recursion deep.
        if (text.size() > 4096 || !std::regex_search(std::string(text), expression(pattern)))
            add(path, "must match " + pattern);
    }

    // Making one costs more than using it.
    const std::regex& expression(const std::string& pattern) {
        const auto known = expressions_.find(pattern);
        if (known != expressions_.end()) return known->second;
        return expressions_.emplace(pattern, std::regex(pattern, std::regex::ECMAScript))
            .first->second;
    }

    void check_number(JsonView schema, JsonView value, const std::string& path) {
        const auto number = value.integer();
        if (!number) return;
        const auto least = schema["minimum"].integer();
        const auto most = schema["maximum"].integer();
        if ((least && *number < *least) || (most && *number > *most))
            add(path, "must be from " + std::to_string(least.value_or(INT64_MIN)) + " to " +
                          std::to_string(most.value_or(INT64_MAX)));
    }

    void check_object(JsonView schema, JsonView value, const std::string& path) {
        for (const JsonView& name : schema["required"].items())
            if (!value.has(name.string())) add(path + pointer_step(name.string()), "is missing");
        const JsonView properties = schema["properties"];
        const JsonView others = schema["additionalProperties"];
        for (const JsonMember& member : value.members()) {
            const std::string member_path = path + pointer_step(member.name());
            if (properties.has(member.name()))
                check(properties[member.name()], member.value, member_path);
            else if (others.is_object())
                check(others, member.value, member_path);
            else
                add(member_path, "is not known here" + nearest(properties, member.name()));
        }
    }

    static std::string nearest(JsonView properties, std::string_view name) {
        std::string_view best;
        std::size_t least = 4;
        for (const JsonMember& member : properties.members()) {
            const std::size_t far = distance(member.name(), name.substr(0, 64));
            if (far < least) {
                least = far;
                best = member.name();
            }
        }
        return best.empty() ? "" : "; did you mean \"" + std::string(best) + "\"?";
    }

    JsonView root_;
    std::vector<Problem> problems_;
    std::map<std::string, std::regex> expressions_;
};

}  // namespace

std::string pointer_step(std::string_view name) {
    std::string out = "/";
    for (const char c : name) {
        if (c == '~')
            out += "~0";
        else if (c == '/')
            out += "~1";
        else
            out += c;
    }
    return out;
}

std::vector<Problem> schema_check(JsonView schema, JsonView value) {
    Checker checker(schema);
    checker.check(schema, value, "");
    return checker.take();
}

}  // namespace consultd::config
