// What a packet says, as lines of text: a line a row, an item or a paragraph, as a reader takes
// what stands beside what.
#pragma once

#include <algorithm>
#include <sstream>

#include "adapter/stages/reading/attachment_text.h"
#include "tests/adapter/stages/packet_fixture.h"

namespace consultd::testing {

inline constexpr const char* plain_patient =
    R"({"resourceType":"Patient","id":"p","name":[{"family":"Test"}],"birthDate":"1968-03-14"})";

// An id made of a name.
inline std::string id_of(std::string name) {
    std::replace(name.begin(), name.end(), ' ', '-');
    return name;
}

class Said {
public:
    // Of these resources, beside a patient of their own.
    explicit Said(std::vector<std::string> texts, std::vector<Gap> gaps = {},
                  const std::string& specialty = "oncology") {
        texts.insert(texts.begin(), plain_patient);
        PacketInput input = packet_input(texts);
        input.gaps = std::move(gaps);
        input.request.specialty = specialty;
        const Packet packet = *assemble(input, knowledge());
        html_ = packet.html.substr(packet.html.find("<body>"));
        completeness_ = packet.completeness;
        for (const fhir::JsonView& section :
             packet.bundle["entry"].items()[0]["resource"]["section"].items())
            narratives_ += section["text"]["div"].string();
    }

    std::string page() const { return text_of_html(html_); }
    std::string narratives() const { return text_of_html(narratives_); }
    std::string first_screen() const {
        return text_of_html(std::string_view(html_).substr(0, html_.find("<section")));
    }
    std::string lists() const {
        const std::size_t from = html_.find("<section");
        return text_of_html(std::string_view(html_).substr(from, html_.find("id=\"src\"") - from));
    }
    // A row of the first screen by its label.
    std::string fact(const std::string& label) const {
        const std::size_t from = html_.find("<dt>" + label + "</dt>");
        if (from == std::string::npos) return {};
        return text_of_html(std::string_view(html_).substr(from, html_.find("</dd>", from) - from));
    }
    std::string state_of(std::string_view item) const {
        for (const fhir::JsonView& one : completeness_["checklist"].items())
            if (one["item"].string() == item) return std::string(one["state"].string());
        return "no such item";
    }
    const std::string& html() const { return html_; }

private:
    std::string html_, narratives_;
    fhir::Json completeness_;
};

inline bool has(const std::string& text, std::string_view what) {
    return text.find(what) != std::string::npos;
}

// The lines of a text that name something.
inline std::vector<std::string> lines_with(const std::string& text, std::string_view name) {
    std::vector<std::string> out;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        if (has(line, name)) out.push_back(line);
    return out;
}

}  // namespace consultd::testing
