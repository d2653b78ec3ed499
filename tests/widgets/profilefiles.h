// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Small profiles for the tests of views.
#pragma once

#include "tests/widgets/viewtest.h"

namespace tailscope::tests {

/// main > parse (50 samples > read 30, parse again 10) and main > write 40, idle 10.
inline QByteArray stacksBefore()
{
    return "main;parse 10\nmain;parse;read 30\nmain;parse;parse;read 10\nmain;write 40\nidle 10\n";
}

/// parse grew, write is gone, zip is new.
inline QByteArray stacksAfter() { return "main;parse 60\nmain;parse;read 30\nmain;zip 50\nidle 10\n"; }

inline Files oneProfile() { return {{QStringLiteral("before.folded"), stacksBefore()}}; }

inline Files twoProfiles()
{
    return {{QStringLiteral("before.folded"), stacksBefore()},
        {QStringLiteral("after.folded"), stacksAfter()}};
}

/// work() for 4 samples, 1 ms apart, a second nothing, then rest() for 2; V8 tells files and lines.
inline Files timedProfile()
{
    return {{QStringLiteral("app.cpuprofile"),
        R"json({"nodes":[
{"id":1,"callFrame":{"functionName":"(root)","scriptId":"0","url":"","lineNumber":-1,"columnNumber":-1},"hitCount":0,"children":[2]},
{"id":2,"callFrame":{"functionName":"main","scriptId":"7","url":"file:///src/app.js","lineNumber":0,"columnNumber":0},"hitCount":0,"children":[3,4]},
{"id":3,"callFrame":{"functionName":"work","scriptId":"7","url":"file:///src/app.js","lineNumber":9,"columnNumber":0},"hitCount":4},
{"id":4,"callFrame":{"functionName":"rest","scriptId":"7","url":"file:///src/app.js","lineNumber":19,"columnNumber":0},"hitCount":2}],
"startTime":1000000,"endTime":2010000,
"samples":[3,3,3,3,4,4],"timeDeltas":[1000,1000,1000,1000,1000000,1000]})json"}};
}

} // namespace tailscope::tests
