// What other users of the machine can see of this process: no memory of it in a core file, and no
// patient in the list of processes (promise 8).
#pragma once

namespace consultd::commands {

// No core file, by limit and by flag: a handler of core dumps that is a program gets none either,
// and nobody but root attaches to us. prctl(2) PR_SET_DUMPABLE, core(5).
void forbid_core_files();
// Blots out the values of --patient and --question in the arguments, once they are read: the list
// of processes shows what stands there.
void hide_patient_arguments(int argc, char** argv);

}  // namespace consultd::commands
