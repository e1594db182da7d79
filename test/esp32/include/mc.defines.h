/* Stands for the file of that name that mcconfig makes of the manifests' "defines". A test sets one by -D. */
#pragma once
