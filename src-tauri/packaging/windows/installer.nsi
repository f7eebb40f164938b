; The installer for Windows. For one user, or with FOR_EVERYBODY for all users of a machine:
;   makensis -DVERSION=1.2.0-rc.1 -DNUMBERS=1.2.0 -DCOMPRESSION=lzma -DPROGRAMS=folder -DOUTPUT=file.exe \
;       [-DFOR_EVERYBODY] [-DWEBVIEW2=file.exe] installer.nsi
; WEBVIEW2 is Microsoft's own installer of the webview ("Evergreen Bootstrapper"), for Windows that lack it.
; Silently: setup.exe /S [/START], which opens the program afterwards, and uninstall.exe /S [/EVERYTHING], which deletes
; accounts, tokens and settings too. While the program is open the latter does nothing. `uninstall.exe /S _?=FOLDER` is waited for, and says by its exit code
; whether it worked; it leaves itself behind.
; The one for everybody is run by an administrator, who may be another user than the seller: it does nothing that is
; a user's own, and each user has their data forgotten in the program.

Unicode true
Target amd64-unicode
ManifestDPIAware true
ManifestSupportedOS Win10
SetCompressor /SOLID ${COMPRESSION}
; The same programs give the same installer, byte for byte.
SetDateSave off
; A file that cannot be written ends the installation, also where nobody is asked.
AllowSkipFiles off

!include MUI2.nsh
!include FileFunc.nsh
!include LogicLib.nsh
!include StrFunc.nsh
${Using:StrFunc} UnStrStr

!define ID "app.hotmart-connect"
!define NAME "Hotmart Connect"
!define UNINSTALL_KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\${ID}"
!define RUN_KEY "Software\Microsoft\Windows\CurrentVersion\Run"
!define APPROVED_KEY "Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"
!define OPEN_KEY "Software\Classes\${ID}\shell\open\command"
!define NOTIFIERS_KEY "Software\Classes\AppUserModelId"
!define NOTIFIER_KEY "${NOTIFIERS_KEY}\${ID}"
; The window through which a second start finds the program that runs.
!define RUNNING_CLASS "${ID}-sic"
!define RUNNING_WINDOW "${ID}-siw"
; Where Microsoft says whether the webview is there, and in which version.
!define WEBVIEW2_CLIENT "Microsoft\EdgeUpdate\Clients\{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}"

Name "${NAME}"
OutFile "${OUTPUT}"
BrandingText " "
VIProductVersion "${NUMBERS}.0"
VIAddVersionKey ProductName "${NAME}"
VIAddVersionKey ProductVersion "${VERSION}"
VIAddVersionKey FileVersion "${VERSION}"
VIAddVersionKey FileDescription "${NAME}"
VIAddVersionKey LegalCopyright "The Hotmart Connect authors, MIT"

!ifdef FOR_EVERYBODY
RequestExecutionLevel admin
InstallDir "$PROGRAMFILES64\${NAME}"
!else
RequestExecutionLevel user
InstallDir "$LOCALAPPDATA\Programs\${NAME}"
!endif

!define MUI_ICON "..\..\..\icons\icon.ico"
!define MUI_UNICON "..\..\..\icons\icon.ico"
; What runs is moved aside and goes on: there is nothing to restart for.
!define MUI_FINISHPAGE_NOREBOOTSUPPORT
!ifndef FOR_EVERYBODY
!define MUI_FINISHPAGE_RUN "$INSTDIR\hotmart-connect.exe"
!endif
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!ifndef FOR_EVERYBODY
!insertmacro MUI_UNPAGE_COMPONENTS
!else
!insertmacro MUI_UNPAGE_CONFIRM
!endif
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE English
!insertmacro MUI_LANGUAGE PortugueseBR
!insertmacro MUI_LANGUAGE SpanishInternational

!macro SENTENCE KEY EN PT ES
LangString ${KEY} ${LANG_ENGLISH} "${EN}"
LangString ${KEY} ${LANG_PORTUGUESEBR} "${PT}"
LangString ${KEY} ${LANG_SPANISHINTERNATIONAL} "${ES}"
!macroend
!insertmacro SENTENCE still_open \
    "Hotmart Connect is open. Close its window; if there is an icon near the clock, click it and choose Quit. Then click OK." \
    "O Hotmart Connect está aberto. Feche a janela dele; se houver um ícone perto do relógio, clique nele e escolha Sair. Depois, clique em OK." \
    "Hotmart Connect está abierto. Cierra su ventana; si hay un ícono junto al reloj, haz clic en él y elige Salir. Después, haz clic en Aceptar."
!insertmacro SENTENCE no_webview \
    "Hotmart Connect needs Microsoft Edge WebView2, which is missing on this computer. Download it from https://go.microsoft.com/fwlink/p/?LinkId=2124703, install it, then open Hotmart Connect." \
    "O Hotmart Connect precisa do Microsoft Edge WebView2, que falta neste computador. Baixe em https://go.microsoft.com/fwlink/p/?LinkId=2124703, instale e depois abra o Hotmart Connect." \
    "Hotmart Connect necesita Microsoft Edge WebView2, que falta en esta computadora. Descárgalo de https://go.microsoft.com/fwlink/p/?LinkId=2124703, instálalo y después abre Hotmart Connect."
!insertmacro SENTENCE file_in_use \
    "Windows would not let go of a file of Hotmart Connect. Restart the computer and try again." \
    "O Windows não liberou um arquivo do Hotmart Connect. Reinicie o computador e tente de novo." \
    "Windows no liberó un archivo de Hotmart Connect. Reinicia la computadora e inténtalo de nuevo."
!insertmacro SENTENCE data "My accounts, tokens and settings" "Minhas contas, tokens e configurações" "Mis cuentas, tokens y configuración"
!insertmacro SENTENCE data_stays \
    "Not all of your data (accounts, tokens and settings) could be deleted, so Hotmart Connect stays installed. Open it and, under Settings, click Forget everything. Then uninstall again." \
    "Não deu para apagar todos os seus dados (contas, tokens e configurações), por isso o Hotmart Connect continua instalado. Abra o programa e, em Configurações, clique em Apagar tudo. Depois, desinstale de novo." \
    "No se pudieron borrar todos tus datos (cuentas, tokens y configuración), por eso Hotmart Connect sigue instalado. Ábrelo y, en Configuración, haz clic en Borrar todo. Después, desinstálalo de nuevo."

!macro PREPARE
SetRegView 64
!ifdef FOR_EVERYBODY
SetShellVarContext all
!else
SetShellVarContext current
!endif
!macroend

Function .onInit
    !insertmacro PREPARE
    ; Where it was installed before is where it is replaced.
    ReadRegStr $0 SHCTX "${UNINSTALL_KEY}" "InstallLocation"
    ${If} $0 != ""
        StrCpy $INSTDIR $0
    ${EndIf}
FunctionEnd

; Windows lets a program that runs be renamed, and not deleted. It goes on as it is; what is left of
; it goes with the next update.
!macro MOVE_ASIDE UN
Function ${UN}move_aside ; the file's name on the stack
    Exch $0
    Push $1
    ClearErrors
    Delete "$INSTDIR\$0"
    ${If} ${Errors}
        GetTempFileName $1 "$INSTDIR"
        Delete $1
        ClearErrors
        Rename "$INSTDIR\$0" "$1.old"
        ${If} ${Errors}
            MessageBox MB_ICONSTOP "$(file_in_use)" /SD IDOK
            Abort "$(file_in_use)"
        ${EndIf}
        ; It cannot go yet, which is no fault.
        Delete "$1.old"
        ClearErrors
    ${EndIf}
    Pop $1
    Pop $0
FunctionEnd
!macroend
!insertmacro MOVE_ASIDE ""
!insertmacro MOVE_ASIDE "un."

!macro UNPACK FILE
File "/oname=$INSTDIR\${FILE}.new" "${PROGRAMS}/${FILE}"
!macroend

!macro PUT FILE
Push "${FILE}"
Call move_aside
ClearErrors
Rename "$INSTDIR\${FILE}.new" "$INSTDIR\${FILE}"
${If} ${Errors}
    ; A scanner may have it open: it is unpacked once more, in its place.
    File "/oname=$INSTDIR\${FILE}" "${PROGRAMS}/${FILE}"
    Delete "$INSTDIR\${FILE}.new"
${EndIf}
!macroend

; The program was open, and made way: something is opened again, whichever version is there.
Function start_if_wanted
    !ifndef FOR_EVERYBODY
    ${GetParameters} $0
    ClearErrors
    ${GetOptions} $0 "/START" $1
    ${IfNot} ${Errors}
        Exec '"$INSTDIR\hotmart-connect.exe"'
    ${EndIf}
    !endif
FunctionEnd

Function .onInstFailed
    Delete "$INSTDIR\*.new"
    Call start_if_wanted
FunctionEnd

Section
    SetOutPath "$INSTDIR"
    Delete "$INSTDIR\*.old"
    ; First all of it: on a full disk the version before stays.
    !insertmacro UNPACK hotmart-connect.exe
    !insertmacro UNPACK hotmart-token.exe
    !insertmacro UNPACK WebView2Loader.dll
    !insertmacro PUT hotmart-connect.exe
    !insertmacro PUT hotmart-token.exe
    !insertmacro PUT WebView2Loader.dll
    WriteUninstaller "$INSTDIR\uninstall.exe"
    CreateShortcut "$SMPROGRAMS\${NAME}.lnk" "$INSTDIR\hotmart-connect.exe"

    ; Whose notifications they are.
    WriteRegStr SHCTX "${NOTIFIER_KEY}" "DisplayName" "${NAME}"
    WriteRegStr SHCTX "Software\Classes\${ID}" "" "URL:${NAME}"
    WriteRegStr SHCTX "Software\Classes\${ID}" "URL Protocol" ""
    WriteRegStr SHCTX "${OPEN_KEY}" "" '"$INSTDIR\hotmart-connect.exe" "%1"'

    WriteRegStr SHCTX "${UNINSTALL_KEY}" "DisplayName" "${NAME}"
    WriteRegStr SHCTX "${UNINSTALL_KEY}" "DisplayVersion" "${VERSION}"
    WriteRegStr SHCTX "${UNINSTALL_KEY}" "DisplayIcon" "$INSTDIR\hotmart-connect.exe"
    WriteRegStr SHCTX "${UNINSTALL_KEY}" "Publisher" "Hotmart Connect"
    WriteRegStr SHCTX "${UNINSTALL_KEY}" "InstallLocation" "$INSTDIR"
    WriteRegStr SHCTX "${UNINSTALL_KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
    WriteRegStr SHCTX "${UNINSTALL_KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
    WriteRegDWORD SHCTX "${UNINSTALL_KEY}" "NoModify" 1
    WriteRegDWORD SHCTX "${UNINSTALL_KEY}" "NoRepair" 1
    ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
    WriteRegDWORD SHCTX "${UNINSTALL_KEY}" "EstimatedSize" $0

    !ifndef FOR_EVERYBODY
    nsExec::Exec '"$INSTDIR\hotmart-token.exe" path add'
    Pop $0
    SendMessage ${HWND_BROADCAST} ${WM_SETTINGCHANGE} 0 "STR:Environment" /TIMEOUT=2000
    !endif

    ; The webview of the machine, or else this user's own. No version, or this one, means that it is not there.
    ReadRegStr $0 HKLM "SOFTWARE\WOW6432Node\${WEBVIEW2_CLIENT}" "pv"
    !ifndef FOR_EVERYBODY
    ${If} $0 == ""
    ${OrIf} $0 == "0.0.0.0"
        ReadRegStr $0 HKCU "Software\${WEBVIEW2_CLIENT}" "pv"
    ${EndIf}
    !endif
    ${If} $0 == ""
    ${OrIf} $0 == "0.0.0.0"
        !ifdef WEBVIEW2
        File "/oname=$PLUGINSDIR\webview2.exe" "${WEBVIEW2}"
        ExecWait '"$PLUGINSDIR\webview2.exe" /silent /install' $0
        ${If} $0 != 0
            MessageBox MB_ICONINFORMATION "$(no_webview)" /SD IDOK
        ${EndIf}
        !else
        MessageBox MB_ICONINFORMATION "$(no_webview)" /SD IDOK
        !endif
    ${EndIf}

    Call start_if_wanted
SectionEnd

!ifndef FOR_EVERYBODY
Section /o "un.$(data)" un_data
    ; Before anything is removed: this needs the program, and may fail. It says in a notification what became
    ; of the tokens.
    nsExec::Exec '"$INSTDIR\hotmart-token.exe" forget --everything --yes --notify'
    Pop $0
    ${If} $0 != 0
        MessageBox MB_ICONSTOP "$(data_stays)" /SD IDOK
        SetErrorLevel 1
        Abort "$(data_stays)"
    ${EndIf}
SectionEnd
!endif

Section "un.${NAME}"
    SectionIn RO
    !ifndef FOR_EVERYBODY
    nsExec::Exec '"$INSTDIR\hotmart-token.exe" path remove'
    Pop $0
    SendMessage ${HWND_BROADCAST} ${WM_SETTINGCHANGE} 0 "STR:Environment" /TIMEOUT=2000
    !endif

    ; What points here goes; what points at another copy stays.
    ReadRegStr $0 HKCU "${RUN_KEY}" "${NAME}"
    ${UnStrStr} $1 $0 "$INSTDIR\"
    ${If} $1 != ""
        DeleteRegValue HKCU "${RUN_KEY}" "${NAME}"
        DeleteRegValue HKCU "${APPROVED_KEY}" "${NAME}"
    ${EndIf}
    ReadRegStr $0 HKCU "${OPEN_KEY}" ""
    ${UnStrStr} $1 $0 "$INSTDIR\"
    ${If} $1 != ""
        DeleteRegKey HKCU "Software\Classes\${ID}"
    ${EndIf}
    ReadRegStr $0 SHCTX "${OPEN_KEY}" ""
    ${UnStrStr} $1 $0 "$INSTDIR\"
    ${If} $1 != ""
        DeleteRegKey SHCTX "Software\Classes\${ID}"
    ${EndIf}
    DeleteRegKey SHCTX "${NOTIFIER_KEY}"
    DeleteRegKey /ifempty SHCTX "${NOTIFIERS_KEY}"

    Push hotmart-connect.exe
    Call un.move_aside
    Push hotmart-token.exe
    Call un.move_aside
    Push WebView2Loader.dll
    Call un.move_aside
    Delete "$INSTDIR\*.old"
    Delete "$INSTDIR\*.new"
    ; Last what one would try again with.
    Delete "$SMPROGRAMS\${NAME}.lnk"
    DeleteRegKey SHCTX "${UNINSTALL_KEY}"
    Delete "$INSTDIR\uninstall.exe"
    RMDir "$INSTDIR"
SectionEnd

; Below its sections, whose numbers are known only now.
Function un.onInit
    !insertmacro PREPARE
    !ifndef FOR_EVERYBODY
    ${GetParameters} $0
    ClearErrors
    ${GetOptions} $0 "/EVERYTHING" $1
    ${IfNot} ${Errors}
        !insertmacro SelectSection ${un_data}
    ${EndIf}
    !endif
    ; It would write again what is deleted.
    ${Do}
        FindWindow $0 "${RUNNING_CLASS}" "${RUNNING_WINDOW}"
        ${If} $0 == 0
            ${ExitDo}
        ${EndIf}
        MessageBox MB_OKCANCEL|MB_ICONINFORMATION "$(still_open)" /SD IDCANCEL IDOK again
        SetErrorLevel 1
        Abort
        again:
    ${Loop}
FunctionEnd
