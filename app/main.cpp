// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commandhelp.h"
#include "app/guimain.h"
#include "app/version.h"
#include "store/schema.h"

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

} // namespace

int main(int argc, char **argv)
{
    using namespace tailscope::app;
    QCoreApplication::setApplicationName(QStringLiteral("tailscope"));
    QCoreApplication::setOrganizationName(QStringLiteral("tailscope"));
    QCoreApplication::setApplicationVersion(QStringLiteral(TS_VERSION));

    const QString first = argc > 1 ? QString::fromLocal8Bit(argv[1]) : QString();
    if (first == QLatin1String("--help") || first == QLatin1String("-h") || first == QLatin1String("help")) {
        const Command *command = argc > 2 ? commandByName(QString::fromLocal8Bit(argv[2])) : nullptr;
        QTextStream(stdout) << (command ? commandHelp(*command) : generalHelp());
        return 0;
    }
    if (first == QLatin1String("--version")) {
        QTextStream(stdout) << "tailscope " << TS_VERSION << ", workspace schema "
                            << tailscope::store::kSchemaVersion << "\n";
        return 0;
    }
    if (const Command *command = commandByName(first)) {
        for (int i = 2; i < argc && qstrcmp(argv[i], "--") != 0; ++i) {
            if (qstrcmp(argv[i], "--help") == 0 || qstrcmp(argv[i], "-h") == 0) {
                QTextStream(stdout) << commandHelp(*command);
                return 0;
            }
        }
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
    if (first.startsWith(QLatin1String("--")) && first != QLatin1String("--attach")) {
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
