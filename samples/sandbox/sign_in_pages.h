// The two pages of the sandbox's sign-in: who you are, and what you let an app read.
#pragma once

#include <string>

#include "adapter/web/server/server.h"
#include "samples/sandbox/sign_in.h"
#include "samples/sandbox/store.h"

namespace consultd::sandbox {

// Answers below /authorize.
web::ServerResponse answer_sign_in(SignIn& sign_in, const Store& store,
                                   const web::ServerRequest& request);

}  // namespace consultd::sandbox
