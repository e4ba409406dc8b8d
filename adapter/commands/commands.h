// The commands of PRODUCT.md: each takes its options and gives an exit code (sysexits.h).
#pragma once

#include <string>
#include <vector>

namespace consultd::commands {

int serve(const std::string& config_file);
int check(const std::string& config_file);

struct TransferOptions {
    std::string config_file, source, destination, patient, consent_file, question, specialty;
    bool dry_run = false;
    bool again = false;  // though it would be the same disclosure again
    bool seal_first_opinion = false;
    std::string out_folder;
    bool json = false;
};
int transfer(const TransferOptions& options);

struct PrepareOptions {
    std::string config_file, destination, consent_file, question, specialty, as_of, out_folder;
    bool seal_first_opinion = false;
    bool explain = false;  // explain.html, which names what is withheld, beside the packet
    std::vector<std::string> inputs;
};
int prepare(const PrepareOptions& options);

struct NormalizeOptions {
    std::string config_file, ledger_file, as_of, undo_file;
    std::vector<std::string> inputs;
};
int normalize(const NormalizeOptions& options);

int validate(const std::vector<std::string>& inputs, bool json);

struct StateOptions {
    std::string config_file, id;
    bool json = false;
};
int status(const StateOptions& options);
int cancel(const StateOptions& options);
int retry(const StateOptions& options);

// What is taken out of the sealed state, or decided, is in the audit log before it is done, with
// who did it.
struct PacketOptions {
    std::string config_file, id, out_folder;
    bool json = false;
};
int packet(const PacketOptions& options);

struct OpinionOptions {
    std::string config_file, id;
    std::string out_folder;  // empty: what there is of it is told
    bool json = false;
};
int opinion(const OpinionOptions& options);

struct MatchOptions {
    std::string config_file, id;
    std::string accept;  // "Patient/77", "new"; empty: both sides are shown
    bool json = false;
};
int match(const MatchOptions& options);

struct AuditOptions {
    std::string config_file;
    std::string folder, key_file;  // instead of a config: a copy of the log and our public key
    std::string receipt_file, since_file;  // verify: what somebody kept
    std::string id;                        // prove: a transfer, or an event
    std::string patient;                   // disclosures
    bool json = false;
};
int audit_verify(const AuditOptions& options);
int audit_list(const AuditOptions& options);
int audit_prove(const AuditOptions& options);
int audit_export(const AuditOptions& options);
int audit_disclosures(const AuditOptions& options);

struct ReceiptOptions {
    std::string receipt_file, bundle_file, key_file;
    bool json = false;
};
int receipt_verify(const ReceiptOptions& options);

struct DoctorOptions {
    std::string config_file, source, destination, patient, report_file;
    bool json = false;
};
int doctor(const DoctorOptions& options);

struct ExplainOptions {
    std::string reason;  // empty: all
    bool json = false;
};
int explain(const ExplainOptions& options);

struct BackupOptions {
    std::string config_file, folder;
};
int backup(const BackupOptions& options);
int restore(const BackupOptions& options);

struct ConsentOptions {
    std::string config_file, source, destination, patient, until;
    std::vector<std::string> withhold;  // labels
    bool for_patient = false;           // purpose PATRQT
};
int consent_new(const ConsentOptions& options);

int keys_rotate(const std::string& config_file);
int keys_generate(const std::string& config_file);
int keys_jwks(const std::string& config_file);

}  // namespace consultd::commands
