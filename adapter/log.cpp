#include "adapter/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <vector>

namespace consultd {
namespace {

// RFC 9562 §4, in lower case as we make them.
bool is_uuid(std::string_view text) {
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool is_hyphen_place = i == 8 || i == 13 || i == 18 || i == 23;
        const bool is_hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        if (is_hyphen_place ? c != '-' : !is_hex) return false;
    }
    return true;
}

// Our own texts; what JSON escapes in them is escaped all the same (RFC 8259 §7).
void append_text(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
    out += '"';
}

void append_value(std::string& out, const LogValue& value) {
    std::visit(
        [&out](const auto& held) {
            using T = std::decay_t<decltype(held)>;
            if constexpr (std::is_same_v<T, std::int64_t>)
                out += std::to_string(held);
            else if constexpr (std::is_same_v<T, bool>)
                out += held ? "true" : "false";
            else
                append_text(out, held.view());
        },
        value.get());
}

class StderrLog final : public Log {
public:
    explicit StderrLog(Level least) : least_(least) {
        logger_ = std::make_shared<spdlog::logger>(
            "consultd", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        logger_->set_pattern("{\"ts\":\"%Y-%m-%dT%H:%M:%S.%eZ\",%v}",
                             spdlog::pattern_time_type::utc);
        logger_->set_level(spdlog::level::trace);
        logger_->flush_on(spdlog::level::trace);
    }

    void write(Level level, StaticText event, std::span<const LogField> fields) override {
        if (level < least_) return;
        std::string line = "\"level\":";
        append_text(line, name_of_level(level));
        line += ",\"event\":";
        append_text(line, event.view());
        for (const LogField& field : fields) {
            line += ',';
            append_text(line, field.name.view());
            line += ':';
            append_value(line, field.value);
        }
        logger_->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
    }

private:
    static std::string_view name_of_level(Level level) {
        switch (level) {
            case Level::Debug:
                return "debug";
            case Level::Info:
                return "info";
            case Level::Warn:
                return "warn";
            case Level::Error:
                return "error";
        }
        return "";
    }
    const Level least_;
    std::shared_ptr<spdlog::logger> logger_;
};

}  // namespace

OwnId::OwnId(std::string_view uuid) {
    const std::string_view kept = is_uuid(uuid) ? uuid : "invalid";
    kept.copy(text_, kept.size());
    size_ = kept.size();
}

void Log::failure(StaticText event, const Error& error, std::span<const LogField> fields) {
    std::vector<LogField> all(fields.begin(), fields.end());
    const auto add = [&all](StaticText name, LogValue value) {
        for (const LogField& field : all)
            if (field.name.view() == name.view()) return;
        all.push_back({name, value});
    };
    add("kind", error.kind());
    add("error", error.text());
    for (const Error::Detail& detail : error.details())
        add(detail.name, detail.is_text ? LogValue(detail.text) : LogValue(detail.number));
    write(Level::Error, event, all);
}

std::unique_ptr<Log> make_stderr_log(Log::Level least) {
    return std::make_unique<StderrLog>(least);
}

}  // namespace consultd
