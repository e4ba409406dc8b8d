#include "adapter/stages/belonging/clinical_document.h"

#include <algorithm>

namespace consultd {
namespace {

struct Tag {
    std::string_view name;  // without a prefix; of an end tag with "/" before it
    std::string_view attributes;
    std::string_view text;  // that follows it
};

// The next tag from `at` on, which moves behind it. Comments and instructions are passed over.
std::optional<Tag> next_tag(std::string_view xml, std::size_t& at) {
    while (true) {
        const std::size_t open = xml.find('<', at);
        if (open == std::string_view::npos) return std::nullopt;
        const std::string_view rest = xml.substr(open);
        if (rest.starts_with("<!--") || rest.starts_with("<?")) {
            const std::string_view end = rest.starts_with("<?") ? "?>" : "-->";
            const std::size_t close = xml.find(end, open + 2);
            if (close == std::string_view::npos) return std::nullopt;
            at = close + end.size();
            continue;
        }
        if (rest.starts_with("<!")) return std::nullopt;
        char quote = 0;
        std::size_t close = open + 1;
        for (; close < xml.size() && (quote != 0 || xml[close] != '>'); ++close)
            if (const char c = xml[close]; quote != 0 ? c == quote : c == '"' || c == '\'')
                quote = quote != 0 ? '\0' : c;
        if (close >= xml.size()) return std::nullopt;
        const std::string_view inside = xml.substr(open + 1, close - open - 1);
        const bool is_end = inside.starts_with('/');
        const std::size_t name_end = std::min(inside.find_first_of(" \t\r\n/", 1), inside.size());
        std::string_view name = inside.substr(0, name_end);
        if (const std::size_t colon = name.find(':'); colon != std::string_view::npos)
            name = name.substr(colon + 1);
        else if (is_end)
            name.remove_prefix(1);
        at = close + 1;
        const std::size_t next = std::min(xml.find('<', at), xml.size());
        return Tag{is_end ? std::string_view() : name, inside.substr(name_end),
                   xml.substr(at, next - at)};
    }
}

std::string attribute(std::string_view attributes, std::string_view name) {
    for (std::size_t at = attributes.find(name); at != std::string_view::npos;
         at = attributes.find(name, at + 1)) {
        const std::size_t equals = at + name.size();
        const bool is_whole = at > 0 && std::string_view(" \t\r\n").find(attributes[at - 1]) !=
                                            std::string_view::npos;
        if (!is_whole || equals + 1 >= attributes.size() || attributes[equals] != '=') continue;
        const char quote = attributes[equals + 1];
        const std::size_t end = attributes.find(quote, equals + 2);
        if ((quote != '"' && quote != '\'') || end == std::string_view::npos) return {};
        return std::string(attributes.substr(equals + 2, end - equals - 2));
    }
    return {};
}

// "19800203…" → "1980-02-03".
std::string date_of(const std::string& value) {
    if (value.size() < 8) return {};
    return value.substr(0, 4) + "-" + value.substr(4, 2) + "-" + value.substr(6, 2);
}

// The header of one recordTarget, up to where the guardian's or the provider's own names begin.
RecordTarget read_target(std::string_view xml, std::size_t& at) {
    RecordTarget target;
    bool is_patients_own = true;
    while (const std::optional<Tag> tag = next_tag(xml, at)) {
        if (tag->name == "guardian" || tag->name == "providerOrganization" ||
            tag->name == "author" || tag->name == "component" || tag->name == "recordTarget")
            is_patients_own = false;
        if (tag->name == "component" || tag->name == "recordTarget") {
            at -= 1;
            break;
        }
        if (!is_patients_own) continue;
        if (tag->name == "id") {
            const std::string root = attribute(tag->attributes, "root");
            const std::string extension = attribute(tag->attributes, "extension");
            if (!root.empty() && !extension.empty()) target.ids.emplace_back(root, extension);
        }
        if (tag->name == "birthTime")
            target.birth_date = date_of(attribute(tag->attributes, "value"));
        if (tag->name == "family") target.families.emplace_back(tag->text);
    }
    return target;
}

}  // namespace

std::optional<RecordTarget> record_target_of(std::string_view xml) {
    std::size_t at = 0;
    std::size_t targets = 0;
    std::optional<RecordTarget> found;
    while (const std::optional<Tag> tag = next_tag(xml, at)) {
        if (tag->name == "structuredBody" || tag->name == "nonXMLBody") break;
        if (tag->name != "recordTarget") continue;
        if (++targets > 1) return std::nullopt;
        std::size_t inside = at;
        found = read_target(xml, inside);
    }
    return found;
}

}  // namespace consultd
