"""Writes beside each Word document what LibreOffice makes of it, all changes accepted and
rejected, a line for each paragraph. The first argument names the pipe at which it listens."""

import sys
import time

import uno
from com.sun.star.beans import PropertyValue


def connect(pipe):
    resolver = uno.getComponentContext().ServiceManager.createInstance("com.sun.star.bridge.UnoUrlResolver")
    for attempt in range(600):
        try:
            return resolver.resolve("uno:pipe,name=%s;urp;StarOffice.ComponentContext" % pipe)
        except Exception:  # it is not there yet
            time.sleep(0.1)
    sys.exit("LibreOffice does not answer")


def lines(text):
    blocks = text.createEnumeration()
    while blocks.hasMoreElements():
        block = blocks.nextElement()
        if block.supportsService("com.sun.star.text.TextTable"):
            for name in block.CellNames:
                yield from lines(block.getCellByName(name))
        else:
            yield block.String


context = connect(sys.argv[1])
desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
dispatcher = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.DispatchHelper", context)
hidden = PropertyValue()
hidden.Name, hidden.Value = "Hidden", True
for name in sys.argv[2:]:
    for what in "Accept", "Reject":
        document = desktop.loadComponentFromURL(uno.systemPathToFileUrl(name), "_blank", 0, (hidden,))
        dispatcher.executeDispatch(document.CurrentController.Frame, ".uno:%sAllTrackedChanges" % what, "", 0, ())
        with open("%s.%s" % (name, what), "w", encoding="utf-8") as out:
            out.write("".join(line + "\n" for line in lines(document.Text)))
        document.close(True)
try:
    desktop.terminate()
except Exception:  # it is gone before it answers
    pass
