// Actor: the person who asked for something: an operator of the configuration, a user of this
// machine's shell, the patient themself at the portal, who has no name here: whose the transfer is
// says who that was; or somebody whom the hospital lets act for them, by a keyed hash. All names
// were given before any patient came, so they hold no patient data and may stand in the store, the
// log lines and the audit log in clear.
// https://hl7.org/fhir/R4/auditevent-definitions.html#AuditEvent.agent
#pragma once

#include <string>
#include <string_view>

#include "adapter/log.h"

namespace consultd {

class Actor {
public:
    enum class Kind { Nobody, Operator, ShellUser, Patient, Proxy };

    Actor() = default;  // nobody: what a daemon does by itself
    static Actor operator_named(std::string_view name);
    // Whoever runs this process, by the login name of the real user id ("uid-1000" without one);
    // where sudo(8) made that, also of who called it, as sudo says: "consultd (by anna)".
    static Actor shell_user();
    static Actor patient();
    // `pseudonym`: of who they are at the hospital.
    static Actor proxy(std::string_view pseudonym);
    // What text() gives, and what system() and name() do; anything else is nobody.
    static Actor parse(std::string_view text);
    static Actor of(std::string_view system, std::string_view name);

    Kind kind() const { return kind_; }
    bool is_nobody() const { return kind_ == Kind::Nobody; }
    const std::string& name() const { return name_; }
    // Of the identifier in AuditEvent.agent.who: "urn:consultd:operator", "urn:consultd:user",
    // "urn:consultd:patient", "urn:consultd:proxy".
    std::string_view system() const;
    // "operator:it-desk", "user:alice", "patient:portal", "proxy:1f0c…"; of nobody: empty.
    std::string text() const;
    std::string words() const;  // "operator it-desk", "user alice"; of nobody: empty
    // For a line of the log; lives as long as the Actor.
    ConfigName for_log() const { return ConfigName(name_); }

    bool operator==(const Actor&) const = default;

private:
    Actor(Kind kind, std::string_view name);
    Kind kind_ = Kind::Nobody;
    std::string name_;
};

}  // namespace consultd
