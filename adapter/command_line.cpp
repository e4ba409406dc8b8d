#include "adapter/command_line.h"

#include "adapter/commands/commands.h"
#include "adapter/commands/stop_signal.h"
#include "fhir/client/http.h"

namespace consultd {
namespace {

using namespace commands;

// Before any thread there is: signals are blocked, the transport's pool and trust are settled.
int with_network(int (*command)()) {
    StopSignal::block();
    fhir::initialize_http();
    return command();
}

CLI::Option* add_config(CLI::App& command, std::string& file) {
    return command.add_option("--config", file, "The configuration file")->type_name("FILE");
}

void add_seal(CLI::App& command, bool& seal) {
    command.add_flag(
        "--seal-first-opinion", seal,
        "Without what the first team concluded and planned, until the opinion is here");
}

void add_serve(CLI::App& app, Chosen& chosen) {
    static std::string file;
    CLI::App* serve_command =
        app.add_subcommand("serve", "Run the daemon: transfers and the HTTP interface");
    add_config(*serve_command, file)->required();
    serve_command->callback(
        [&] { chosen = [] { return with_network([] { return serve(file); }); }; });
    CLI::App* check_command =
        app.add_subcommand("check", "Read the configuration and list every problem with its path");
    add_config(*check_command, file)->required();
    check_command->callback(
        [&] { chosen = [] { return with_network([] { return check(file); }); }; });
}

void add_transfer(CLI::App& app, Chosen& chosen) {
    static TransferOptions options;
    CLI::App* command = app.add_subcommand(
        "transfer", "Move one patient's record, here or through the running daemon");
    add_config(*command, options.config_file)->required();
    command->add_option("--source", options.source, "Which of the configured sources")
        ->required()
        ->type_name("NAME");
    command
        ->add_option("--destination", options.destination, "Which of the configured destinations")
        ->required()
        ->type_name("NAME");
    command
        ->add_option("--patient", options.patient,
                     "The Patient's id at the source, or SYSTEM|VALUE of an identifier")
        ->required()
        ->type_name("ID");
    command->add_option("--consent", options.consent_file, "The patient's FHIR Consent, JSON")
        ->required()
        ->type_name("FILE");
    command->add_option("--question", options.question, "What the patient wants answered")
        ->type_name("TEXT");
    command->add_option("--specialty", options.specialty, "oncology, haematology, rheumatology …")
        ->type_name("WORD");
    add_seal(*command, options.seal_first_opinion);
    command->add_flag("--again", options.again,
                      "Send another copy, though the same is under way or was delivered within a "
                      "day");
    command->add_flag("--dry-run", options.dry_run, "Pull and prepare, send nothing; needs -o");
    command->add_option("-o,--out", options.out_folder, "Where to write the packet")
        ->type_name("DIR");
    command->add_flag("--json", options.json, "The result for machines");
    command->callback(
        [&] { chosen = [] { return with_network([] { return transfer(options); }); }; });
}

void add_files(CLI::App& app, Chosen& chosen) {
    static PrepareOptions prepare_options;
    CLI::App* command =
        app.add_subcommand("prepare", "Make the packet from files, without a network");
    add_config(*command, prepare_options.config_file);
    command
        ->add_option("--destination", prepare_options.destination,
                     "For whom: a consent may name its recipient")
        ->type_name("NAME");
    command
        ->add_option("--consent", prepare_options.consent_file, "The patient's FHIR Consent, JSON")
        ->required()
        ->type_name("FILE");
    command->add_option("--question", prepare_options.question, "What the patient wants answered")
        ->type_name("TEXT");
    command
        ->add_option("--specialty", prepare_options.specialty,
                     "oncology, haematology, rheumatology …")
        ->type_name("WORD");
    add_seal(*command, prepare_options.seal_first_opinion);
    command
        ->add_option("--as-of", prepare_options.as_of,
                     "The time the packet is made for (default: now)")
        ->type_name("TIME");
    command->add_flag(
        "--explain", prepare_options.explain,
        "Also explain.html: what goes, what stays and why, by name; it is never sent");
    command->add_option("-o,--out", prepare_options.out_folder, "Where to write the packet")
        ->required()
        ->type_name("DIR");
    command->add_option("INPUT", prepare_options.inputs, "JSON, NDJSON, XML, or - for stdin")
        ->required();
    command->callback([&] { chosen = [] { return prepare(prepare_options); }; });

    static NormalizeOptions normalize_options;
    command =
        app.add_subcommand("normalize", "Bring a record into one form; prints a collection Bundle");
    add_config(*command, normalize_options.config_file);
    command->add_option("--ledger", normalize_options.ledger_file, "Where to write the ledger")
        ->type_name("FILE");
    command->add_option("--as-of", normalize_options.as_of, "The time it is done at (default: now)")
        ->type_name("TIME");
    command
        ->add_option("--undo", normalize_options.undo_file, "Take the changes in this ledger back")
        ->type_name("LEDGER");
    command->add_option("INPUT", normalize_options.inputs, "JSON, NDJSON, XML, or - for stdin")
        ->required();
    command->callback([&] { chosen = [] { return normalize(normalize_options); }; });

    static std::vector<std::string> validate_inputs;
    static bool validate_json = false;
    command = app.add_subcommand("validate",
                                 "Check the structure of R4 resources; 65 if any error is found");
    command->add_flag("--json", validate_json, "The result for machines");
    command->add_option("INPUT", validate_inputs, "JSON, NDJSON, XML, or - for stdin")->required();
    command->callback([&] { chosen = [] { return validate(validate_inputs, validate_json); }; });
}

void add_state(CLI::App& app, Chosen& chosen) {
    static StateOptions options;
    const auto add = [&](const char* name, const char* what, int (*run)(const StateOptions&),
                         bool needs_id) {
        CLI::App* command = app.add_subcommand(name, what);
        add_config(*command, options.config_file)->required();
        CLI::Option* id = command->add_option("ID", options.id, "The transfer");
        if (needs_id) id->required();
        command->add_flag("--json", options.json, "The result for machines");
        command->callback([&chosen, run] { chosen = [run] { return run(options); }; });
    };
    add("status", "Show one transfer, or all", status, false);
    add("cancel",
        "Withdraw a transfer: what has not left does not leave, and the rest is asked back", cancel,
        true);
    add("retry", "Let a held transfer go on", retry, true);
}

void add_sealed(CLI::App& app, Chosen& chosen) {
    static PacketOptions packet_options;
    CLI::App* command =
        app.add_subcommand("packet", "Bring packet and receipt out of the sealed state");
    add_config(*command, packet_options.config_file)->required();
    command->add_option("ID", packet_options.id, "The transfer")->required();
    command->add_option("-o,--out", packet_options.out_folder, "Where to write them")
        ->required()
        ->type_name("DIR");
    command->add_flag("--json", packet_options.json, "The result for machines");
    command->callback([&] { chosen = [] { return packet(packet_options); }; });

    static OpinionOptions opinion_options;
    command = app.add_subcommand("opinion", "Show what came back, or bring it out as files");
    add_config(*command, opinion_options.config_file)->required();
    command->add_option("ID", opinion_options.id, "The transfer")->required();
    command->add_option("-o,--out", opinion_options.out_folder, "Where to write it")
        ->type_name("DIR");
    command->add_flag("--json", opinion_options.json, "The result for machines");
    command->callback([&] { chosen = [] { return opinion(opinion_options); }; });

    static MatchOptions match_options;
    command = app.add_subcommand(
        "match", "Show who the patient may be at the destination, of a held transfer, and decide");
    add_config(*command, match_options.config_file)->required();
    command->add_option("ID", match_options.id, "The transfer")->required();
    command
        ->add_option("--accept", match_options.accept,
                     "Patient/ID: it goes into that chart; new: into a new one")
        ->type_name("CHART");
    command->add_flag("--json", match_options.json, "The result for machines");
    command->callback(
        [&] { chosen = [] { return with_network([] { return match(match_options); }); }; });
}

void add_audit(CLI::App& app, Chosen& chosen) {
    static AuditOptions audit_options;
    CLI::App* audit =
        app.add_subcommand("audit", "Verify the audit log, and ask it")->require_subcommand(1);
    // Of the configuration's log, or of a copy anywhere.
    const auto add = [&](const char* name, const char* what, int (*run)(const AuditOptions&)) {
        CLI::App* command = audit->add_subcommand(name, what);
        CLI::Option* config = add_config(*command, audit_options.config_file);
        CLI::Option* folder =
            command->add_option("--log", audit_options.folder, "A copy of the log's folder")
                ->type_name("DIR");
        CLI::Option* key =
            command->add_option("--key", audit_options.key_file, "The log's public key")
                ->type_name("FILE");
        folder->needs(key)->excludes(config);
        key->needs(folder);
        command->add_flag("--json", audit_options.json, "The result for machines");
        command->callback([&chosen, run, config, folder] {
            if (config->empty() && folder->empty())
                throw CLI::RequiredError("--config, or --log with --key");
            chosen = [run] { return run(audit_options); };
        });
        return command;
    };
    CLI::App* verify =
        add("verify", "Check every entry, hash and signature; says where it fails", audit_verify);
    CLI::Option* receipt_kept =
        verify
            ->add_option("--receipt", audit_options.receipt_file,
                         "A receipt that somebody kept: its entry must be in the log still")
            ->type_name("FILE");
    verify
        ->add_option("--since", audit_options.since_file,
                     "A checkpoint that somebody kept: the log must have grown from it")
        ->type_name("CHECKPOINT")
        ->excludes(receipt_kept);
    add("list", "List the entries", audit_list);
    add("prove", "Prove that what is about a transfer, or an event, is in the log", audit_prove)
        ->add_option("ID", audit_options.id, "The transfer, or the event")
        ->required();
    add("export", "Print the entries, FHIR AuditEvents, as NDJSON", audit_export);
    CLI::App* disclosures = audit->add_subcommand(
        "disclosures", "What of a patient was disclosed, when, to whom and for what");
    add_config(*disclosures, audit_options.config_file)->required();
    disclosures
        ->add_option("--patient", audit_options.patient,
                     "The Patient's id at the source, or SYSTEM|VALUE as the order had it")
        ->required()
        ->type_name("ID");
    disclosures->add_flag("--json", audit_options.json, "The result for machines");
    disclosures->callback([&] { chosen = [] { return audit_disclosures(audit_options); }; });

    static ReceiptOptions receipt_options;
    CLI::App* receipt = app.add_subcommand("receipt", "Check a receipt")->require_subcommand(1);
    CLI::App* command = receipt->add_subcommand(
        "verify", "Offline, with nothing but the receipt and our public key");
    command
        ->add_option("FILE", receipt_options.receipt_file,
                     "The receipt, or the text of its QR code")
        ->required();
    command->add_option("--bundle", receipt_options.bundle_file, "The document it is about")
        ->type_name("FILE");
    command->add_option("--key", receipt_options.key_file, "Our public key")
        ->required()
        ->type_name("FILE");
    command->add_flag("--json", receipt_options.json, "The result for machines");
    command->callback([&] { chosen = [] { return receipt_verify(receipt_options); }; });
}

void add_keys(CLI::App& app, Chosen& chosen) {
    static std::string file;
    CLI::App* keys = app.add_subcommand("keys", "Make and show keys")->require_subcommand(1);
    CLI::App* command = keys->add_subcommand(
        "generate", "Make the keys that the configuration names and that do not exist yet");
    add_config(*command, file)->required();
    command->callback([&] { chosen = [] { return keys_generate(file); }; });
    command = keys->add_subcommand(
        "rotate", "Add a state key: the new one seals from the next start on, the old ones open");
    add_config(*command, file)->required();
    command->callback([&] { chosen = [] { return keys_rotate(file); }; });
    command = keys->add_subcommand("jwks", "Print our public key set, for the EHRs");
    add_config(*command, file)->required();
    command->callback([&] { chosen = [] { return keys_jwks(file); }; });
}

void add_doctor(CLI::App& app, Chosen& chosen) {
    static DoctorOptions options;
    CLI::App* command = app.add_subcommand(
        "doctor",
        "Reach each institution, and say what works, what does not, and whose turn it is");
    add_config(*command, options.config_file)->required();
    command->add_option("--source", options.source, "This source alone")->type_name("NAME");
    command->add_option("--destination", options.destination, "This destination alone")
        ->type_name("NAME");
    command
        ->add_option("--patient", options.patient,
                     "A Patient's id at the source whom we may read, best one made for tests")
        ->type_name("ID");
    command->add_option("--report", options.report_file, "Where to write it, to be sent to them")
        ->type_name("FILE");
    command->add_flag("--json", options.json, "The result for machines");
    command->callback(
        [&] { chosen = [] { return with_network([] { return doctor(options); }); }; });
}

void add_help(CLI::App& app, Chosen& chosen) {
    static ExplainOptions explain_options;
    CLI::App* command =
        app.add_subcommand("explain", "What a reason means, and what to do about it");
    command->add_option("REASON", explain_options.reason,
                        "As `status` or a ledger has it (default: all there are)");
    command->add_flag("--json", explain_options.json, "The result for machines");
    command->callback([&] { chosen = [] { return explain(explain_options); }; });
}

void add_backup(CLI::App& app, Chosen& chosen) {
    static BackupOptions options;
    const auto add = [&](const char* name, const char* what, int (*run)(const BackupOptions&)) {
        CLI::App* command = app.add_subcommand(name, what);
        add_config(*command, options.config_file)->required();
        command->add_option("DIR", options.folder, "The backup's folder")->required();
        command->callback([&chosen, run] { chosen = [run] { return run(options); }; });
    };
    add("backup", "Copy state and audit log, sealed as they are, into a new folder", backup);
    add("restore", "Put a backup in the place of a state that is not there", restore);
}

void add_consent(CLI::App& app, Chosen& chosen) {
    static ConsentOptions options;
    CLI::App* consent = app.add_subcommand("consent", "Make a Consent")->require_subcommand(1);
    CLI::App* command = consent->add_subcommand(
        "new", "Print a Consent to be read, signed and kept: for one patient and one destination");
    add_config(*command, options.config_file)->required();
    command->add_option("--destination", options.destination, "Who may have the record")
        ->required()
        ->type_name("NAME");
    command->add_option("--patient", options.patient, "The Patient's id at the source")
        ->required()
        ->type_name("ID");
    command->add_option("--until", options.until, "The last day on which it holds")
        ->required()
        ->type_name("DATE");
    command->add_option("--withhold", options.withhold, "What must stay: SUD, HIV, MH, SEX …")
        ->type_name("LABEL")
        ->delimiter(',');
    command->add_flag("--patient-request", options.for_patient,
                      "The purpose is the patient's own request, not treatment");
    command->callback([&] { chosen = [] { return consent_new(options); }; });
}

}  // namespace

void add_commands(CLI::App& app, Chosen& chosen) {
    add_serve(app, chosen);
    add_transfer(app, chosen);
    add_files(app, chosen);
    add_state(app, chosen);
    add_sealed(app, chosen);
    add_audit(app, chosen);
    add_keys(app, chosen);
    add_doctor(app, chosen);
    add_consent(app, chosen);
    add_backup(app, chosen);
    add_help(app, chosen);
}

}  // namespace consultd
