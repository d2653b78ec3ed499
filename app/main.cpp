// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/command.h"
#include "app/guimain.h"
#include "app/version.h"

#include <QByteArray>
#include <QCoreApplication>
#include <QStringList>
#include <QTextStream>

#include <memory>

namespace {

/// True when a window can be opened: Qt aborts the process otherwise.
bool hasDisplay()
{
    return qEnvironmentVariableIsSet("DISPLAY") || qEnvironmentVariableIsSet("WAYLAND_DISPLAY")
        || qEnvironmentVariableIsSet("QT_QPA_PLATFORM");
}

void printHelp()
{
    QTextStream out(stdout);
    out << "Usage: tailscope [FILE|WORKSPACE ...]            open the window\n"
           "       tailscope COMMAND [ARGUMENTS]\n\nCommands:\n";
    for (const tailscope::app::Command &command : tailscope::app::commands())
        out << "  " << command.synopsis << "\n      " << command.summary << "\n";
    out << "\nOptions:\n  --help, --version\n\nExit codes: 0 done, 1 a gate failed, 2 wrong usage or no "
           "display, 3 input "
           "could not be read,\n  4 connection failed, 5 workspace damaged or locked, 6 the gate could not "
           "decide.\n";
}

} // namespace

int main(int argc, char **argv)
{
    using namespace tailscope::app;
    QCoreApplication::setApplicationName(QStringLiteral("tailscope"));
    QCoreApplication::setOrganizationName(QStringLiteral("tailscope"));
    QCoreApplication::setApplicationVersion(QStringLiteral(TS_VERSION));

    const QString first = argc > 1 ? QString::fromLocal8Bit(argv[1]) : QString();
    if (first == QLatin1String("--help") || first == QLatin1String("-h") || first == QLatin1String("help")) {
        printHelp();
        return 0;
    }
    if (first == QLatin1String("--version")) {
        QTextStream(stdout) << "tailscope " << TS_VERSION << "\n";
        return 0;
    }
    if (const Command *command = commandByName(first)) {
        std::unique_ptr<QCoreApplication> application;
        if (command->needsGui) {
            // Pictures are drawn in memory: no display is needed, and none is asked.
            qputenv("QT_QPA_PLATFORM", "offscreen");
            application = makeGuiApplication(argc, argv);
        } else {
            application = std::make_unique<QCoreApplication>(argc, argv);
        }
        return command->run(application->arguments().mid(2));
    }
    if (first.startsWith(QLatin1String("--"))) {
        QTextStream(stderr) << "tailscope: " << first
                            << ": unknown option. 'tailscope --help' lists the commands.\n";
        return 2;
    }
    if (!hasDisplay()) {
        QTextStream(stderr) << "tailscope: no display: neither DISPLAY nor WAYLAND_DISPLAY is set. "
                               "Use 'tailscope report FILE' for text, or 'tailscope render' for pictures.\n";
        return 2;
    }
    return runWindow(argc, argv);
}
